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
import java.time.Duration;
import java.time.Instant;

public class Scheduled {
  public static class Schedule {
    public String nextRun;
    public int everyS;
    public int runsLeft;
  }

  public static class End {
    public String status;
    public int runsLeft;

    public End(String status, int runsLeft) {
      this.status = status;
      this.runsLeft = runsLeft;
    }
  }

  @FunctionName("DailyReport")
  public End dailyReport(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Schedule schedule = ctx.getInput(Schedule.class);
    Instant due = Instant.parse(schedule.nextRun);
    Duration wait = Duration.between(ctx.getCurrentInstant(), due);
    // A zero wait would not even look for the event; the shortest wait does.
    Duration patience = wait.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : wait;
    try {
      ctx.waitForExternalEvent("cancel", patience).await();
      return new End("canceled", schedule.runsLeft);
    } catch (TaskCanceledException itIsTime) {
      // nobody canceled
    }
    ctx.callActivity("CreateReport", schedule.nextRun).await(); // the planned time is the report's key
    if (--schedule.runsLeft <= 0) {
      return new End("finished", 0);
    }
    Instant next = due;
    do { // from the plan, not from now; times that passed in an outage are skipped
      next = next.plusSeconds(schedule.everyS);
    } while (!next.isAfter(ctx.getCurrentInstant()));
    schedule.nextRun = next.toString();
    ctx.continueAsNew(schedule); // ends the run by throwing
    return null;
  }

  @FunctionName("CreateReport")
  public void createReport(@DurableActivityTrigger(name = "planned") String planned) {
    System.out.println("report for " + planned);
  }

  @FunctionName("StartDailyReport")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Schedule> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("DailyReport", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
