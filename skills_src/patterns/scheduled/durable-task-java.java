import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

final class Scheduled {
  record Schedule(String nextRun, int everyS, int runsLeft) {}
  record End(String status, int runsLeft) {}

  static class DailyReport implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Schedule schedule = ctx.getInput(Schedule.class);
      Instant due = Instant.parse(schedule.nextRun());
      Duration wait = Duration.between(ctx.getCurrentInstant(), due);
      // A zero wait would not even look for the event; the shortest wait does.
      Duration patience = wait.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : wait;
      try {
        ctx.waitForExternalEvent("cancel", patience).await();
        ctx.complete(new End("canceled", schedule.runsLeft()));
        return;
      } catch (TaskCanceledException itIsTime) {
        // nobody canceled
      }
      ctx.callActivity("CreateReport", schedule.nextRun()).await(); // the planned time is the report's key
      if (schedule.runsLeft() <= 1) {
        ctx.complete(new End("finished", 0));
        return;
      }
      Instant next = due;
      do { // from the plan, not from now; times that passed in an outage are skipped
        next = next.plusSeconds(schedule.everyS());
      } while (!next.isAfter(ctx.getCurrentInstant()));
      ctx.continueAsNew(new Schedule(next.toString(), schedule.everyS(), schedule.runsLeft() - 1));
    }
  }

  static class CreateReport implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      System.out.println("report for " + ctx.getInput(String.class));
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("DailyReport", DailyReport::new))
        .addActivity(activity("CreateReport", CreateReport::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Schedule schedule = new Schedule(Instant.now().plus(Duration.ofHours(1)).toString(), 86400, 30);
    String id = client.scheduleNewOrchestrationInstance("DailyReport", schedule, "daily-report");
    System.out.println(id + " runs; raise its event \"cancel\" to end it");
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
