import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.CompositeTaskFailedException;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.TaskActivity;
import com.microsoft.durabletask.TaskActivityFactory;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationFactory;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import com.microsoft.durabletask.interruption.ContinueAsNewInterruption;
import com.microsoft.durabletask.interruption.OrchestratorBlockedException;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.stream.Stream;

/** Registers the functions of a function class with a worker, as the Functions host and the SDK's middleware would. */
final class FunctionsHost {
  private FunctionsHost() {}

  static void register(Class<?> type, DurableTaskGrpcWorkerBuilder worker) throws ReflectiveOperationException {
    for (Method method : type.getDeclaredMethods()) {
      FunctionName name = method.getAnnotation(FunctionName.class);
      if (name == null) {
        continue;
      }
      method.setAccessible(true);
      if (has(method, DurableOrchestrationTrigger.class)) {
        worker.addOrchestration(orchestration(name.value(), type, method));
      } else if (has(method, DurableActivityTrigger.class)) {
        worker.addActivity(activity(name.value(), type, method));
      } else {
        EntityBridge.register(name.value(), type, method, worker);
      }
    }
  }

  static boolean has(Method method, Class<? extends Annotation> trigger) {
    return Stream.of(method.getParameters()).anyMatch(parameter -> parameter.isAnnotationPresent(trigger));
  }

  static Object instance(Class<?> type) throws ReflectiveOperationException {
    var constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static TaskOrchestrationFactory orchestration(String name, Class<?> type, Method method) {
    return new TaskOrchestrationFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskOrchestration create() {
        return context -> {
          try {
            context.complete(method.invoke(instance(type), context));
          } catch (InvocationTargetException error) {
            throw unwrapped(error);
          } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
          }
        };
      }
    };
  }

  /** The middleware lets these through and wraps everything else. */
  private static RuntimeException unwrapped(InvocationTargetException error) {
    Throwable cause = error.getCause();
    if (cause instanceof OrchestratorBlockedException
        || cause instanceof ContinueAsNewInterruption
        || cause instanceof TaskFailedException
        || cause instanceof CompositeTaskFailedException) {
      return (RuntimeException) cause;
    }
    return new RuntimeException("Unexpected failure in the task execution", error);
  }

  private static TaskActivityFactory activity(String name, Class<?> type, Method method) {
    return new TaskActivityFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskActivity create() {
        return context -> {
          try {
            return method.invoke(instance(type), context.getInput(method.getParameterTypes()[0]));
          } catch (InvocationTargetException error) {
            throw error.getCause() instanceof RuntimeException known ? known : new RuntimeException(error.getCause());
          } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
          }
        };
      }
    };
  }
}
