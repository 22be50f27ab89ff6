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
import java.util.ArrayList;
import java.util.List;

public class FanOutFanIn {
  public static class Request {
    public List<String> images;
    public int maxParallel;
  }

  public static class Report {
    public List<String> done = new ArrayList<>();
    public List<String> failed = new ArrayList<>();
  }

  public static class Progress {
    public int done;
    public int total;

    public Progress(int done, int total) {
      this.done = done;
      this.total = total;
    }
  }

  @FunctionName("ResizeImages")
  public Report resizeImages(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Request request = ctx.getInput(Request.class);
    List<String> images = request.images;
    Report report = new Report();
    int width = Math.max(1, request.maxParallel);
    for (int start = 0; start < images.size(); start += width) { // not once for an empty list
      List<String> window = images.subList(start, Math.min(start + width, images.size()));
      List<Task<String>> tasks = new ArrayList<>();
      for (String image : window) {
        tasks.add(ctx.callActivity("ResizeImage", image, String.class)); // scheduled, not awaited
      }
      for (int i = 0; i < tasks.size(); i++) {
        try {
          report.done.add(tasks.get(i).await());
        } catch (TaskFailedException failure) { // never RuntimeException: await() suspends by throwing one
          report.failed.add(window.get(i));
        }
      }
      ctx.setCustomStatus(new Progress(start + window.size(), images.size())); // failed ones are done, too
    }
    return report;
  }

  @FunctionName("ResizeImage")
  public String resizeImage(@DurableActivityTrigger(name = "image") String image) {
    if (!image.endsWith(".png")) {
      throw new IllegalArgumentException("not an image: " + image);
    }
    return "small/" + image; // write to a name made from the input, so that a second run overwrites it
  }

  @FunctionName("StartResizeImages")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Request> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("ResizeImages", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
