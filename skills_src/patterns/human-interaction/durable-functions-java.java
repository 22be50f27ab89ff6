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

public class HumanInteraction {
  // region: show
  public static class Expense {
    public String expenseId;
    public int amount;
    public String approver;
    public String manager;
    public int timeoutS;
  }

  public static class Question {
    public String expenseId;
    public String person;

    public static Question of(String expenseId, String person) {
      Question question = new Question();
      question.expenseId = expenseId;
      question.person = person;
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
    ctx.callActivity("RequestApproval", Question.of(expense.expenseId, expense.approver)).await();
    Decision decision = answer(ctx, "approval", Duration.ofSeconds(expense.timeoutS));
    if (decision == null) {
      ctx.callActivity("EscalateExpense", Question.of(expense.expenseId, expense.manager)).await();
      decision = answer(ctx, "manager_approval", Duration.ofSeconds(expense.timeoutS));
    }
    Outcome outcome = new Outcome();
    outcome.expenseId = expense.expenseId;
    outcome.status = decision == null ? "timed_out" : decision.approved ? "approved" : "rejected";
    outcome.by = decision == null ? null : decision.by;
    return outcome;
  }

  /** Null when nobody answered. The wait brings its own timer; there is none to cancel. */
  private static Decision answer(TaskOrchestrationContext ctx, String event, Duration patience) {
    try {
      return ctx.waitForExternalEvent(event, patience, Decision.class).await(); // raise it in this very spelling
    } catch (TaskCanceledException timeout) { // a TaskFailedException: catch it before that one
      return null;
    }
  }

  @FunctionName("RequestApproval")
  public void requestApproval(@DurableActivityTrigger(name = "question") Question question) {
    System.out.println("please approve " + question.expenseId + ", " + question.person);
  }

  @FunctionName("EscalateExpense")
  public void escalateExpense(@DurableActivityTrigger(name = "question") Question question) {
    System.out.println("no answer for " + question.expenseId + ", please decide, " + question.person);
  }

  @FunctionName("AnswerExpense") // function keys and your own check of who is asking guard it
  public HttpResponseMessage answerExpense(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, route = "expenses/{id}/answer",
          authLevel = AuthorizationLevel.FUNCTION) HttpRequestMessage<Decision> request,
      @BindingName("id") String id,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    durable.getClient().raiseEvent(id, "approval", request.getBody());
    return request.createResponseBuilder(HttpStatus.ACCEPTED).build();
  }
  // endregion: show

  @FunctionName("StartApproveExpense")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Expense> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("ApproveExpense", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
