import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

final class Monitor {
  record Watch(String jobId, int intervalS, String deadline) {}
  record Outcome(String jobId, String status) {}

  static class WatchJob implements TaskOrchestration {
    static final int POLLS = 20; // in one generation: each poll adds events to the history

    @Override
    public void run(TaskOrchestrationContext ctx) {
      Watch watch = ctx.getInput(Watch.class);
      Instant deadline = Instant.parse(watch.deadline()); // computed once by the caller, carried through every restart
      TaskOptions retry = new TaskOptions(new RetryPolicy(3, Duration.ofSeconds(5)));
      for (int poll = 0; poll < POLLS; poll++) {
        String status = ctx.callActivity("CheckJob", watch.jobId(), retry, String.class).await();
        if (status.equals("finished")) {
          ctx.complete(new Outcome(watch.jobId(), "finished"));
          return;
        }
        Duration left = Duration.between(ctx.getCurrentInstant(), deadline); // never Instant.now()
        if (left.isNegative() || left.isZero()) {
          ctx.complete(new Outcome(watch.jobId(), "timed_out"));
          return;
        }
        Duration wait = Duration.ofSeconds(watch.intervalS());
        ctx.createTimer(wait.compareTo(left) < 0 ? wait : left).await();
      }
      ctx.continueAsNew(watch); // ends the run by throwing: nothing after it is reached
    }
  }

  static class CheckJob implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      String jobId = ctx.getInput(String.class);
      try {
        HttpRequest request = HttpRequest.newBuilder(URI.create(jobId)).timeout(Duration.ofSeconds(10)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
      } catch (Exception error) { // an activity declares no checked exceptions; give every failure a message
        throw new IllegalStateException("cannot check " + jobId + ": " + error, error);
      }
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("WatchJob", WatchJob::new))
        .addActivity(activity("CheckJob", CheckJob::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Watch watch = new Watch("https://jobs.example.com/42", 30, Instant.now().plus(Duration.ofHours(2)).toString());
    System.out.println(client.scheduleNewOrchestrationInstance("WatchJob", watch));
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
