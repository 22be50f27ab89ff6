import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.CompositeTaskFailedException;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcWorker;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.TaskActivity;
import com.microsoft.durabletask.TaskActivityFactory;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationFactory;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import com.microsoft.durabletask.interruption.ContinueAsNewInterruption;
import com.microsoft.durabletask.interruption.OrchestratorBlockedException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * One worker with all that a unit defines: what its `configure` registers, else its orchestrations and activities by
 * the names of their classes, and its functions, as the Functions host and the SDK's middleware would call them. What
 * the unit calls and does not define is played by the stand-ins of the plan.
 */
final class Host {
  /** What ran of the stand-ins: name and input. */
  final List<List<String>> calls = Collections.synchronizedList(new ArrayList<>());

  private final DurableTaskGrpcWorkerBuilder worker;
  private final Set<String> known = new HashSet<>();
  private final Map<String, Method> starters = new HashMap<>();
  private final DurableTaskClient client;
  private final int port;

  private Host(int port, DurableTaskClient client) {
    this.port = port;
    this.client = client;
    this.worker = new DurableTaskGrpcWorkerBuilder().port(port);
  }

  static Host start(JsonNode unit, DurableTaskClient client) throws Exception {
    Host host = new Host(unit.path("port").asInt(), client);
    String packageName = unit.path("package").asText(Sources.packageOf(unit));
    List<Class<?>> types = load(Path.of(unit.path("classes").asText()), packageName);
    boolean configured = false;
    for (Class<?> type : types) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals("configure")) {
          method.setAccessible(true);
          method.invoke(null, host.worker);
          configured = true;
        }
      }
    }
    for (Class<?> type : types) {
      if (!configured) {
        host.registerType(type);
      }
      host.registerFunctions(type);
    }
    for (Iterator<Map.Entry<String, JsonNode>> all = unit.path("stand_ins").fields(); all.hasNext(); ) {
      Map.Entry<String, JsonNode> one = all.next();
      if (host.known.add(one.getKey())) {
        host.standIn(one.getKey(), one.getValue());
      }
    }
    DurableTaskGrpcWorker built = host.worker.build();
    built.start();
    return host;
  }

  private static List<Class<?>> load(Path classes, String packageName) throws Exception {
    URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Host.class.getClassLoader());
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> found = Files.walk(classes.resolve(packageName))) {
      for (Path file : found.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString().replace(".class", "").replace('/', '.');
        types.add(loader.loadClass(name));
      }
    }
    return types;
  }

  private void registerType(Class<?> type) {
    if (Modifier.isAbstract(type.getModifiers())) {
      return;
    }
    String name = type.getSimpleName();
    if (TaskOrchestration.class.isAssignableFrom(type) && known.add(name)) {
      worker.addOrchestration(orchestration(name, () -> (TaskOrchestration) instance(type)));
    } else if (TaskActivity.class.isAssignableFrom(type) && known.add(name)) {
      worker.addActivity(activity(name, () -> (TaskActivity) instance(type)));
    }
  }

  private void registerFunctions(Class<?> type) throws ReflectiveOperationException {
    for (Method method : type.getDeclaredMethods()) {
      FunctionName name = method.getAnnotation(FunctionName.class);
      if (name == null) {
        continue;
      }
      method.setAccessible(true);
      if (has(method, HttpTrigger.class)) {
        starters.put(name.value(), method);
      } else if (has(method, DurableOrchestrationTrigger.class)) {
        known.add(name.value());
        worker.addOrchestration(orchestration(name.value(), () -> context -> {
          try {
            context.complete(method.invoke(instance(type), arguments(method, context)));
          } catch (InvocationTargetException error) {
            throw unwrapped(error);
          } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
          }
        }));
      } else if (has(method, DurableActivityTrigger.class)) {
        known.add(name.value());
        worker.addActivity(activity(name.value(), () -> context -> {
          try {
            return method.invoke(instance(type), context.getInput(method.getParameterTypes()[0]));
          } catch (InvocationTargetException error) {
            throw error.getCause() instanceof RuntimeException known ? known : new RuntimeException(error.getCause());
          } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
          }
        }));
      } else {
        EntityBridge.register(name.value(), type, method, worker);
      }
    }
  }

  /** Calls the function that starts an orchestrator over HTTP: the new instance, or null where there is none. */
  String startByHttp(String orchestrator, JsonNode input) throws ReflectiveOperationException {
    Method starter = starters.get("Start" + orchestrator);
    if (starter == null) {
      return null;
    }
    Object[] arguments = Stream.of(starter.getParameters())
        .map(parameter -> parameter.getType() == DurableClientContext.class
            ? durable()
            : Http.request(parameter.getParameterizedType(), input))
        .toArray();
    return Http.instance((HttpResponseMessage) starter.invoke(instance(starter.getDeclaringClass()), arguments));
  }

  static boolean has(Method method, Class<? extends Annotation> trigger) {
    return Stream.of(method.getParameters()).anyMatch(parameter -> parameter.isAnnotationPresent(trigger));
  }

  private Object[] arguments(Method method, Object context) {
    return Stream.of(method.getParameterTypes())
        .map(type -> type == DurableClientContext.class ? durable() : context)
        .toArray();
  }

  /** The client binding, as the host fills it in. */
  private DurableClientContext durable() {
    try {
      DurableClientContext durable = new DurableClientContext();
      Field address = DurableClientContext.class.getDeclaredField("rpcBaseUrl");
      address.setAccessible(true);
      address.set(durable, "http://localhost:" + port + "/");
      return durable;
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException(error);
    }
  }

  /** Made by the constructor that takes the client, if there is one. */
  Object instance(Class<?> type) {
    try {
      Constructor<?> constructor = type.getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return constructor.getParameterCount() == 0 ? constructor.newInstance() : constructor.newInstance(client);
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException(error);
    }
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

  private static void pause(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** {"results": […]}, one after the other, the last for ever, after "takes_ms"; {"fails": message}; {"child": result}. */
  private void standIn(String name, JsonNode how) {
    if (how.has("child")) {
      worker.addOrchestration(orchestration(name, () -> context -> {
        calls.add(List.of(name, String.valueOf(context.getInput(JsonNode.class))));
        context.complete(how.path("child"));
      }));
      return;
    }
    List<JsonNode> results = new ArrayList<>();
    how.path("results").forEach(results::add);
    worker.addActivity(activity(name, () -> context -> {
      calls.add(List.of(name, String.valueOf(context.getInput(JsonNode.class))));
      if (how.has("takes_ms")) {
        pause(how.path("takes_ms").asInt());
      }
      if (how.has("fails")) {
        throw new IllegalStateException(how.path("fails").asText());
      }
      synchronized (results) {
        return results.isEmpty() ? null : results.size() > 1 ? results.remove(0) : results.get(0);
      }
    }));
  }

  static TaskOrchestrationFactory orchestration(String name, Supplier<TaskOrchestration> body) {
    return new TaskOrchestrationFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskOrchestration create() {
        return body.get();
      }
    };
  }

  static TaskActivityFactory activity(String name, Supplier<TaskActivity> body) {
    return new TaskActivityFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskActivity create() {
        return body.get();
      }
    };
  }
}
