import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import com.microsoft.durabletask.util.VersionUtils;
import java.time.Duration;
import java.util.function.Supplier;

final class Versioning {
  record Refund(String refundId, int amount) {}
  record Result(String refundId, String status, boolean checked) {}

  static class ProcessRefund implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Refund refund = ctx.getInput(Refund.class);
      boolean checked = isAtLeast(ctx.getVersion(), "2.0.0"); // fixed for the instance when it was scheduled
      if (checked && !ctx.callActivity("CheckFraud", refund, Boolean.class).await()) {
        ctx.complete(new Result(refund.refundId(), "refused", true));
        return;
      }
      ctx.callActivity("RefundPayment", refund).await();
      ctx.complete(new Result(refund.refundId(), "refunded", checked));
    }

    /** An instance without a version has an empty one and takes the old path. */
    private static boolean isAtLeast(String version, String wanted) {
      return version != null && !version.isEmpty() && VersionUtils.compareVersions(version, wanted) >= 0;
    }
  }

  static class CheckFraud implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      return ctx.getInput(Refund.class).amount() < 1000;
    }
  }

  static class RefundPayment implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      System.out.println("refunded " + ctx.getInput(Refund.class).refundId());
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        // Takes instances of this version and older ones, and leaves newer ones to a newer worker.
        .useVersioning(new DurableTaskGrpcWorkerVersioningOptions(
            "2.0.0",
            "2.0.0", // for sub-orchestrations that name no version
            DurableTaskGrpcWorkerVersioningOptions.VersionMatchStrategy.CURRENTOROLDER,
            DurableTaskGrpcWorkerVersioningOptions.VersionFailureStrategy.REJECT))
        .addOrchestration(orchestration("ProcessRefund", ProcessRefund::new))
        .addActivity(activity("CheckFraud", CheckFraud::new))
        .addActivity(activity("RefundPayment", RefundPayment::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Refund refund = new Refund("refund-1", 40);
    String id = client.scheduleNewOrchestrationInstance(
        "ProcessRefund", new NewOrchestrationInstanceOptions().setInput(refund).setVersion("2.0.0"));
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(1), true).getSerializedOutput());
    System.exit(0);
  }

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
