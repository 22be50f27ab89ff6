import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.util.List;

public class AsyncHttpApi {
  public static class Video {
    public String videoId;
    public String source;
  }

  public static class Progress {
    public String step;
    public int percent;

    public Progress(String step, int percent) {
      this.step = step;
      this.percent = percent;
    }
  }

  public static class Published {
    public String videoId;
    public String url;
  }

  @FunctionName("StartTranscodeVideo")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, route = "videos",
          authLevel = AuthorizationLevel.FUNCTION) HttpRequestMessage<Video> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    Video video = request.getBody();
    DurableTaskClient client = durable.getClient();
    OrchestrationMetadata found = client.getInstanceMetadata(video.videoId, false);
    if (!found.isInstanceFound()) { // a repeated request finds the running instance
      client.scheduleNewOrchestrationInstance("TranscodeVideo", video, video.videoId);
    }
    // 202 with Location. Its links carry a system key: for callers outside, answer with a status route of your own.
    return durable.createCheckStatusResponse(request, video.videoId);
  }

  @FunctionName("TranscodeVideo")
  public Published transcodeVideo(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Video video = ctx.getInput(Video.class);
    ctx.setCustomStatus(new Progress("split", 0));
    String[] parts = ctx.callActivity("SplitVideo", video, String[].class).await();
    ctx.setCustomStatus(new Progress("encode", 30));
    String encoded = ctx.callActivity("EncodeVideo", parts, String.class).await();
    ctx.setCustomStatus(new Progress("publish", 90));
    Published published = new Published();
    published.videoId = video.videoId;
    published.url = ctx.callActivity("PublishVideo", encoded, String.class).await();
    ctx.setCustomStatus(new Progress("done", 100));
    return published;
  }

  @FunctionName("SplitVideo")
  public List<String> splitVideo(@DurableActivityTrigger(name = "video") Video video) {
    return List.of(video.source + "#1", video.source + "#2");
  }

  @FunctionName("EncodeVideo")
  public String encodeVideo(@DurableActivityTrigger(name = "parts") String[] parts) {
    return String.join("+", parts) + ".mp4";
  }

  @FunctionName("PublishVideo")
  public String publishVideo(@DurableActivityTrigger(name = "encoded") String encoded) {
    return "https://videos.example.com/" + encoded;
  }
}
