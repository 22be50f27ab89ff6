import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

final class HumanInteraction {
  record Expense(String expenseId, int amount, int timeoutS) {}
  record Question(String expenseId, String instanceId, String event) {}
  record Decision(boolean approved, String by) {}
  record Outcome(String expenseId, String status, String by) {}

  static class ApproveExpense implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Expense expense = ctx.getInput(Expense.class);
      Duration patience = Duration.ofSeconds(expense.timeoutS());
      Question question = new Question(expense.expenseId(), ctx.getInstanceId(), "approval");
      ctx.callActivity("RequestApproval", question).await();
      Decision decision = answerInTime(ctx, question.event(), patience);
      if (decision == null) {
        // Another name: a late answer to the first question must not pass for an answer to the second.
        question = new Question(expense.expenseId(), ctx.getInstanceId(), "manager_approval");
        ctx.callActivity("EscalateExpense", question).await();
        decision = answerInTime(ctx, question.event(), patience);
      }
      String status = decision == null ? "timed_out" : decision.approved() ? "approved" : "rejected";
      ctx.complete(new Outcome(expense.expenseId(), status, decision == null ? null : decision.by()));
    }

    /** Null when time is up. The wait brings its own timer; there is none to cancel. */
    private static Decision answerInTime(TaskOrchestrationContext ctx, String event, Duration patience) {
      try {
        // From outside: whatever has another shape is no approval. Awaited as Decision it would fail the instance.
        Object payload = ctx.waitForExternalEvent(event, patience, Object.class).await(); // raise it in this spelling
        Map<?, ?> fields = payload instanceof Map<?, ?> object ? object : Map.of();
        boolean approved = Boolean.TRUE.equals(fields.get("approved"));
        return new Decision(approved, fields.get("by") instanceof String by ? by : null);
      } catch (TaskCanceledException timeout) { // a TaskFailedException: catch it before that one
        return null;
      }
    }
  }

  static class RequestApproval implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Question question = ctx.getInput(Question.class);
      System.out.println(question.expenseId() + ": please raise " + question.event() + " on " + question.instanceId());
      return null;
    }
  }

  static class EscalateExpense implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Question question = ctx.getInput(Question.class);
      System.out.println(
          question.expenseId() + ": manager, please raise " + question.event() + " on " + question.instanceId());
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("ApproveExpense", ApproveExpense::new))
        .addActivity(activity("RequestApproval", RequestApproval::new))
        .addActivity(activity("EscalateExpense", EscalateExpense::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Expense expense = new Expense("expense-1", 480, 3600);
    String id = client.scheduleNewOrchestrationInstance("ApproveExpense", expense);
    client.raiseEvent(id, "approval", new Decision(true, "ada")); // an early answer waits for the orchestrator
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
