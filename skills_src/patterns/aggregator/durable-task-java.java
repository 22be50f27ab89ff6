import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

final class Aggregator {
  /** Public, with public methods: each is an operation. One operation runs at a time. */
  public static class Account extends AbstractTaskEntity<Account.State> {
    public static class State {
      public int balance;
      public List<String> seen = new ArrayList<>();
    }

    public static class Request {
      public String requestId;
      public int amount;
    }

    @Override
    protected Class<State> getStateType() {
      return State.class; // made by its constructor without arguments
    }

    public int deposit(Request request) {
      if (isNew(request)) {
        state.balance += request.amount;
      }
      return state.balance;
    }

    public int withdraw(Request request) {
      if (!state.seen.contains(request.requestId) && request.amount > state.balance) {
        throw new IllegalStateException("balance " + state.balance + " is too low"); // leaves the state as it was
      }
      if (isNew(request)) {
        state.balance -= request.amount;
      }
      return state.balance;
    }

    public int get() {
      return state.balance;
    }

    /** A repeated request counts once. Drop ids when no repeat of them can come any more. */
    private boolean isNew(Request request) {
      if (state.seen.contains(request.requestId)) {
        return false;
      }
      state.seen.add(request.requestId);
      return true;
    }

    static Request request(String requestId, int amount) {
      Request request = new Request();
      request.requestId = requestId;
      request.amount = amount;
      return request;
    }
  }

  record Work(String accountId, List<Integer> deposits, int withdrawal) {}
  record Outcome(boolean accepted, int balance) {}

  static class CounterAccount implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Work work = ctx.getInput(Work.class);
      EntityInstanceId account = new EntityInstanceId("Account", work.accountId());
      for (int i = 0; i < work.deposits().size(); i++) { // signals: no answer, no failure
        String requestId = ctx.getInstanceId() + ":deposit-" + i;
        ctx.signalEntity(account, "deposit", Account.request(requestId, work.deposits().get(i)));
      }
      boolean accepted = true;
      try {
        Account.Request withdrawal = Account.request(ctx.getInstanceId() + ":withdraw", work.withdrawal());
        ctx.callEntity(account, "withdraw", withdrawal, Integer.class).await();
      } catch (EntityOperationFailedException refused) { // no TaskFailedException
        accepted = false;
      }
      ctx.complete(new Outcome(accepted, ctx.callEntity(account, "get", Integer.class).await()));
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addEntity("Account", Account.class)
        .addOrchestration(orchestration("CounterAccount", CounterAccount::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    EntityInstanceId account = new EntityInstanceId("Account", "a-1");
    client.getEntities().signalEntity(account, "deposit", Account.request("r-1", 5)); // returns at once
    String id = client.scheduleNewOrchestrationInstance("CounterAccount", new Work("a-1", List.of(10, 20), 30));
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(1), true).getSerializedOutput());
    EntityMetadata last = client.getEntities().getEntityMetadata(account, true); // may be a little old
    System.out.println(last.readStateAs(Account.State.class).balance);
    System.exit(0);
  }

  static TaskOrchestrationFactory orchestration(String name, Supplier<TaskOrchestration> body) {
    return new TaskOrchestrationFactory() {
      @Override public String getName() { return name; }
      @Override public TaskOrchestration create() { return body.get(); }
    };
  }
}
