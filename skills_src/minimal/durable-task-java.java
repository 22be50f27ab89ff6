import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.*;
import java.time.Duration;

final class Hello {
  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None"); // the emulator
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start(); // does not block
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    String id = client.scheduleNewOrchestrationInstance("Greet", "world");
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(1), true).getSerializedOutput());
    System.exit(0); // the worker keeps the JVM alive
  }

  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(new TaskOrchestrationFactory() { // two methods, so no lambda
          @Override public String getName() { return "Greet"; }
          @Override public TaskOrchestration create() {
            return ctx -> ctx.complete(ctx.callActivity("SayHello", ctx.getInput(String.class), String.class).await());
          }
        })
        .addActivity(new TaskActivityFactory() {
          @Override public String getName() { return "SayHello"; }
          @Override public TaskActivity create() { return ctx -> "Hello " + ctx.getInput(String.class); }
        });
  }
}
