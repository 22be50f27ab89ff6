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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

public class AgentLoop {
  static final List<String> TOOLS = List.of("SearchWeb", "SendReport"); // what a model asks for is input from outside
  static final List<String> DANGEROUS = List.of("SendReport");
  static final TaskOptions RETRY = new TaskOptions(
      new RetryPolicy(5, Duration.ofSeconds(2)).setBackoffCoefficient(2).setMaxRetryInterval(Duration.ofMinutes(1)));

  public static class Question {
    public String question;
    public int maxTurns;
  }

  public static class ToolCall {
    public String id;
    public String tool;
    public String argument;
  }

  public static class ToolRequest {
    public String key;
    public String argument;
  }

  public static class Reply {
    public String answer;
    public List<ToolCall> toolCalls = new ArrayList<>();
  }

  public static class Result {
    public String answer;
    public int turns;
    public String status;

    public Result(String answer, int turns, String status) {
      this.answer = answer;
      this.turns = turns;
      this.status = status;
    }
  }

  @FunctionName("ResearchAgent")
  public Result researchAgent(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Question question = ctx.getInput(Question.class);
    List<String> messages = new ArrayList<>(List.of("user: " + question.question));
    for (int turn = 1; turn <= question.maxTurns; turn++) {
      ctx.setCustomStatus("turn " + turn);
      Reply reply = ctx.callActivity("CallModel", messages, RETRY, Reply.class).await(); // replay does not pay again
      if (reply.answer != null) {
        return new Result(reply.answer, turn, "answered");
      }
      messages.addAll(runTools(ctx, turn, reply.toolCalls));
    }
    return new Result(null, question.maxTurns, "gave_up");
  }

  private static List<String> runTools(TaskOrchestrationContext ctx, int turn, List<ToolCall> asked) {
    List<ToolCall> calls = asked == null ? List.of() : asked;
    List<String> results = new ArrayList<>();
    List<Task<String>> running = new ArrayList<>();
    List<ToolCall> allowed = new ArrayList<>();
    for (ToolCall call : calls.subList(0, Math.min(calls.size(), 5))) {
      if (!TOOLS.contains(call.tool) || (DANGEROUS.contains(call.tool) && !approved(ctx, turn, call))) {
        results.add(call.tool + ": not allowed");
      } else {
        allowed.add(call);
        ToolRequest request = new ToolRequest();
        request.key = ctx.getInstanceId() + ":" + turn + ":" + call.id; // a tool runs at least once: it recognizes a repeat
        request.argument = call.argument;
        running.add(ctx.callActivity(call.tool, request, RETRY, String.class));
      }
    }
    for (int i = 0; i < running.size(); i++) {
      try {
        results.add(allowed.get(i).tool + ": " + running.get(i).await());
      } catch (TaskFailedException failure) { // tell the model instead of failing the agent
        results.add(allowed.get(i).tool + ": failed: " + failure.getErrorDetails().getErrorMessage());
      }
    }
    return results;
  }

  private static boolean approved(TaskOrchestrationContext ctx, int turn, ToolCall call) {
    String event = "approval-" + turn + "-" + call.id; // means this one call: a late answer does not pass for another
    ctx.setCustomStatus("waiting for " + event);
    try {
      Object payload = ctx.waitForExternalEvent(event, Duration.ofHours(1), Object.class).await(); // from outside
      return payload instanceof Map<?, ?> fields && Boolean.TRUE.equals(fields.get("approved"));
    } catch (TaskCanceledException timeout) {
      return false;
    }
  }

  @FunctionName("StartResearchAgent")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Question> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("ResearchAgent", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }

  /** Call your model here, with a timeout; this one plays a fixed part. */
  @FunctionName("CallModel")
  public Reply callModel(@DurableActivityTrigger(name = "messages") String[] messages) {
    Reply reply = new Reply();
    if (messages.length == 1) {
      reply.toolCalls.add(call("call-1", messages[0].contains("report") ? "SendReport" : "SearchWeb", messages[0]));
    } else if (messages[0].contains("endless")) {
      reply.toolCalls.add(call("call-2", "SearchWeb", "more"));
      reply.toolCalls.add(call("call-3", "FormatDisk", "c:"));
    } else {
      reply.answer = "from " + messages[messages.length - 1];
    }
    return reply;
  }

  private static ToolCall call(String id, String tool, String argument) {
    ToolCall call = new ToolCall();
    call.id = id;
    call.tool = tool;
    call.argument = argument;
    return call;
  }

  @FunctionName("SearchWeb")
  public String searchWeb(@DurableActivityTrigger(name = "request") ToolRequest request) {
    return "results for " + request.argument;
  }

  @FunctionName("SendReport")
  public String sendReport(@DurableActivityTrigger(name = "request") ToolRequest request) {
    return "sent";
  }
}
