import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

final class FanOutFanIn {
  record Request(List<String> images, int maxParallel) {}
  record Report(List<String> done, List<String> failed) {}
  record Progress(int done, int total) {}

  static class ResizeImages implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Request request = ctx.getInput(Request.class);
      List<String> images = request.images();
      List<String> done = new ArrayList<>();
      List<String> failed = new ArrayList<>();
      int width = Math.max(1, request.maxParallel());
      for (int start = 0; start < images.size(); start += width) { // not once for an empty list
        List<String> window = images.subList(start, Math.min(start + width, images.size()));
        List<Task<String>> tasks = new ArrayList<>();
        for (String image : window) {
          tasks.add(ctx.callActivity("ResizeImage", image, String.class)); // scheduled, not awaited
        }
        for (int i = 0; i < tasks.size(); i++) {
          try {
            done.add(tasks.get(i).await());
          } catch (TaskFailedException failure) { // never RuntimeException: await() suspends by throwing one
            failed.add(window.get(i));
          }
        }
        ctx.setCustomStatus(new Progress(start + window.size(), images.size())); // failed ones are done, too
      }
      ctx.complete(new Report(done, failed));
    }
  }

  static class ResizeImage implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      String image = ctx.getInput(String.class);
      if (!image.endsWith(".png")) {
        throw new IllegalArgumentException("not an image: " + image);
      }
      return "small/" + image; // write to a name made from the input, so that a second run overwrites it
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker // one worker runs one work item at a time: start more processes to resize in parallel
        .addOrchestration(orchestration("ResizeImages", ResizeImages::new))
        .addActivity(activity("ResizeImage", ResizeImage::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Request request = new Request(List.of("a.png", "b.png", "c.png", "notes.txt"), 2);
    String id = client.scheduleNewOrchestrationInstance("ResizeImages", request);
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
