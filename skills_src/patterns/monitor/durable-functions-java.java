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
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;

public class Monitor {
  static final int POLLS = 20; // in one generation: each poll adds events to the history

  public static class Watch {
    public String jobId;
    public int intervalS;
    public String deadline;
  }

  public static class Outcome {
    public String jobId;
    public String status;

    public Outcome(String jobId, String status) {
      this.jobId = jobId;
      this.status = status;
    }
  }

  @FunctionName("WatchJob")
  public Outcome watchJob(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Watch watch = ctx.getInput(Watch.class);
    Instant deadline = Instant.parse(watch.deadline); // computed once by the caller, carried through every restart
    TaskOptions retry = new TaskOptions(new RetryPolicy(3, Duration.ofSeconds(5)));
    for (int poll = 0; poll < POLLS; poll++) {
      String status = ctx.callActivity("CheckJob", watch.jobId, retry, String.class).await();
      if (status.equals("finished")) {
        return new Outcome(watch.jobId, "finished");
      }
      Duration left = Duration.between(ctx.getCurrentInstant(), deadline); // never Instant.now()
      if (left.isNegative() || left.isZero()) {
        return new Outcome(watch.jobId, "timed_out");
      }
      Duration wait = Duration.ofSeconds(watch.intervalS);
      ctx.createTimer(wait.compareTo(left) < 0 ? wait : left).await();
    }
    ctx.continueAsNew(watch); // ends the run by throwing: nothing after it is reached
    return null;
  }

  @FunctionName("CheckJob")
  public String checkJob(@DurableActivityTrigger(name = "jobId") String jobId)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(jobId)).timeout(Duration.ofSeconds(10)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
  }

  @FunctionName("StartWatchJob")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Watch> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("WatchJob", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
