import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

final class AsyncHttpApi {
  record Video(String videoId, String source) {}
  record Progress(String step, int percent) {}
  record Published(String videoId, String url) {}

  static class TranscodeVideo implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Video video = ctx.getInput(Video.class);
      ctx.setCustomStatus(new Progress("split", 0));
      List<String> parts = Arrays.asList(ctx.callActivity("SplitVideo", video, String[].class).await());
      ctx.setCustomStatus(new Progress("encode", 30));
      String encoded = ctx.callActivity("EncodeVideo", parts, String.class).await();
      ctx.setCustomStatus(new Progress("publish", 90));
      String url = ctx.callActivity("PublishVideo", encoded, String.class).await();
      ctx.setCustomStatus(new Progress("done", 100));
      ctx.complete(new Published(video.videoId(), url));
    }
  }

  /** POST /videos/{id} starts, GET /videos/{id} asks. Put it behind the authentication of your API. */
  static HttpServer serve(DurableTaskClient client, int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/videos/", exchange -> {
      String id = exchange.getRequestURI().getPath().substring("/videos/".length());
      OrchestrationMetadata found = client.getInstanceMetadata(id, true);
      boolean known = found.isInstanceFound();
      if (exchange.getRequestMethod().equals("POST")) {
        if (!known) { // a repeated request finds the running instance
          String source = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          client.scheduleNewOrchestrationInstance("TranscodeVideo", new Video(id, source), id);
        }
        exchange.getResponseHeaders().add("Location", "/videos/" + id);
        answer(exchange, 202, "{}");
      } else if (!known) {
        answer(exchange, 404, "{\"error\": \"unknown video\"}");
      } else if (!found.isCompleted()) { // isCompleted: finished in whatever way
        Object progress = found.isCustomStatusFetched()
            ? found.readCustomStatusAs(Progress.class)
            : new Progress("queued", 0);
        answer(exchange, 202, new JacksonDataConverter().serialize(progress));
      } else if (found.getRuntimeStatus() == OrchestrationRuntimeStatus.COMPLETED) {
        answer(exchange, 200, found.getSerializedOutput());
      } else {
        answer(exchange, 500, "{\"error\": \"transcoding failed\"}");
      }
    });
    server.start();
    return server;
  }

  static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    serve(client, Integer.parseInt(System.getenv().getOrDefault("PORT", "8088")));
  }

  static class SplitVideo implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      String source = ctx.getInput(Video.class).source();
      return List.of(source + "#1", source + "#2");
    }
  }

  static class EncodeVideo implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      return String.join("+", ctx.getInput(String[].class)) + ".mp4";
    }
  }

  static class PublishVideo implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      return "https://videos.example.com/" + ctx.getInput(String.class);
    }
  }

  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("TranscodeVideo", TranscodeVideo::new))
        .addActivity(activity("SplitVideo", SplitVideo::new))
        .addActivity(activity("EncodeVideo", EncodeVideo::new))
        .addActivity(activity("PublishVideo", PublishVideo::new));
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
