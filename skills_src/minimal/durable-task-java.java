// region: show
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.function.Supplier;

final class Hello {
  static class Greet implements TaskOrchestration {
    @Override public void run(TaskOrchestrationContext ctx) {
      String name = ctx.getInput(String.class);
      ctx.complete(ctx.callActivity("SayHello", name, String.class).await());
    }
  }

  static class SayHello implements TaskActivity {
    @Override public Object run(TaskActivityContext ctx) {
      return "Hello " + ctx.getInput(String.class);
    }
  }

  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("Greet", Greet::new))
        .addActivity(activity("SayHello", SayHello::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv("DURABLE_TASK_SCHEDULER_CONNECTION_STRING"); // emulator:
    // Endpoint=http://localhost:8080;TaskHub=default;Authentication=None
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start(); // does not block
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    String id = client.scheduleNewOrchestrationInstance("Greet", "world");
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(1), true).getSerializedOutput());
    System.exit(0); // the worker keeps the JVM alive
  }

  // These two helpers serve every program: a factory has two methods, so a lambda cannot be one.
  static TaskOrchestrationFactory orchestration(String name, Supplier<TaskOrchestration> body) {
    return new TaskOrchestrationFactory() {
      @Override public String getName() { return name; }
      @Override public TaskOrchestration create() { return body.get(); }
    };
  }

  static TaskActivityFactory activity(String name, Supplier<TaskActivity> body) {
    return new TaskActivityFactory() {
      @Override public String getName() { return name; }
      @Override public TaskActivity create() { return body.get(); }
    };
  }
}
// endregion: show
