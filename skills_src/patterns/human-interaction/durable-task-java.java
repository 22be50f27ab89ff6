import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.function.Supplier;

final class HumanInteraction {
  // region: show
  record Expense(String expenseId, int amount, String approver, String manager, int timeoutS) {}
  record Question(String expenseId, String person) {}
  record Decision(boolean approved, String by) {}
  record Outcome(String expenseId, String status, String by) {}

  static class ApproveExpense implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Expense expense = ctx.getInput(Expense.class);
      ctx.callActivity("RequestApproval", new Question(expense.expenseId(), expense.approver())).await();
      Decision decision = answer(ctx, "approval", Duration.ofSeconds(expense.timeoutS()));
      if (decision == null) {
        ctx.callActivity("EscalateExpense", new Question(expense.expenseId(), expense.manager())).await();
        decision = answer(ctx, "manager_approval", Duration.ofSeconds(expense.timeoutS()));
      }
      String status = decision == null ? "timed_out" : decision.approved() ? "approved" : "rejected";
      ctx.complete(new Outcome(expense.expenseId(), status, decision == null ? null : decision.by()));
    }

    /** Null when nobody answered. The wait brings its own timer; there is none to cancel. */
    private static Decision answer(TaskOrchestrationContext ctx, String event, Duration patience) {
      try {
        return ctx.waitForExternalEvent(event, patience, Decision.class).await(); // raise it in this very spelling
      } catch (TaskCanceledException timeout) { // a TaskFailedException: catch it before that one
        return null;
      }
    }
  }

  static class RequestApproval implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Question question = ctx.getInput(Question.class);
      System.out.println("please approve " + question.expenseId() + ", " + question.person());
      return null;
    }
  }

  static class EscalateExpense implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Question question = ctx.getInput(Question.class);
      System.out.println("no answer for " + question.expenseId() + ", please decide, " + question.person());
      return null;
    }
  }

  // orchestration(…) and activity(…) are the helpers of the minimal app.
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("ApproveExpense", ApproveExpense::new))
        .addActivity(activity("RequestApproval", RequestApproval::new))
        .addActivity(activity("EscalateExpense", EscalateExpense::new));
  }
  // endregion: show

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Expense expense = new Expense("exp-1", 480, "ann", "bob", 3600);
    String id = client.scheduleNewOrchestrationInstance("ApproveExpense", expense);
    client.raiseEvent(id, "approval", new Decision(true, "ann")); // an early answer waits for the orchestrator
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
