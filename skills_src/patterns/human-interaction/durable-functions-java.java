import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.time.Duration;
import java.util.Map;

public class HumanInteraction {
  public static class Expense {
    public String expenseId;
    public int amount;
    public int timeoutS;
  }

  public static class Question {
    public String expenseId;
    public String instanceId;
    public String event;

    public static Question of(String expenseId, String instanceId, String event) {
      Question question = new Question();
      question.expenseId = expenseId;
      question.instanceId = instanceId;
      question.event = event;
      return question;
    }
  }

  public static class Decision {
    public boolean approved;
    public String by;
  }

  public static class Outcome {
    public String expenseId;
    public String status;
    public String by;
  }

  @FunctionName("ApproveExpense")
  public Outcome approveExpense(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Expense expense = ctx.getInput(Expense.class);
    Duration patience = Duration.ofSeconds(expense.timeoutS);
    Question question = Question.of(expense.expenseId, ctx.getInstanceId(), "approval");
    ctx.callActivity("RequestApproval", question).await();
    Decision decision = answerInTime(ctx, question.event, patience);
    if (decision == null) {
      // Another name: a late answer to the first question must not pass for an answer to the second.
      question = Question.of(expense.expenseId, ctx.getInstanceId(), "manager_approval");
      ctx.callActivity("EscalateExpense", question).await();
      decision = answerInTime(ctx, question.event, patience);
    }
    Outcome outcome = new Outcome();
    outcome.expenseId = expense.expenseId;
    outcome.status = decision == null ? "timed_out" : decision.approved ? "approved" : "rejected";
    outcome.by = decision == null ? null : decision.by;
    return outcome;
  }

  /** Null when time is up. The wait brings its own timer; there is none to cancel. */
  private static Decision answerInTime(TaskOrchestrationContext ctx, String event, Duration patience) {
    try {
      // From outside: whatever has another shape is no approval. Awaited as Decision it would fail the instance.
      Object payload = ctx.waitForExternalEvent(event, patience, Object.class).await(); // raise it in this spelling
      Map<?, ?> fields = payload instanceof Map<?, ?> object ? object : Map.of();
      Decision decision = new Decision();
      decision.approved = Boolean.TRUE.equals(fields.get("approved"));
      decision.by = fields.get("by") instanceof String by ? by : null;
      return decision;
    } catch (TaskCanceledException timeout) { // a TaskFailedException: catch it before that one
      return null;
    }
  }

  @FunctionName("RequestApproval")
  public void requestApproval(@DurableActivityTrigger(name = "question") Question question) {
    System.out.println(question.expenseId + ": please raise " + question.event + " on " + question.instanceId);
  }

  @FunctionName("EscalateExpense")
  public void escalateExpense(@DurableActivityTrigger(name = "question") Question question) {
    System.out.println(question.expenseId + ": manager, please raise " + question.event + " on " + question.instanceId);
  }

  @FunctionName("AnswerExpense") // function keys and your own check of who is asking guard it
  public HttpResponseMessage answerExpense(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, route = "expenses/{id}/{event}",
          authLevel = AuthorizationLevel.FUNCTION) HttpRequestMessage<Decision> request,
      @BindingName("id") String id,
      @BindingName("event") String event,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    if (!event.equals("approval") && !event.equals("manager_approval")) {
      return request.createResponseBuilder(HttpStatus.NOT_FOUND).build();
    }
    durable.getClient().raiseEvent(id, event, request.getBody());
    return request.createResponseBuilder(HttpStatus.ACCEPTED).build();
  }

  @FunctionName("StartApproveExpense")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Expense> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("ApproveExpense", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
