import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.function.Supplier;

final class CriticalSection {
  record Transfer(String from, String to, int amount) {}
  record Result(String status, int balance) {}

  static class TransferMoney implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Transfer transfer = ctx.getInput(Transfer.class);
      if (transfer.from().equals(transfer.to()) || transfer.amount() <= 0) {
        ctx.complete(new Result("refused", 0));
        return;
      }
      EntityInstanceId from = new EntityInstanceId("Account", transfer.from());
      EntityInstanceId to = new EntityInstanceId("Account", transfer.to());
      // No try-with-resources and no finally: they run at every await, and would unlock at the first one.
      AutoCloseable lock = ctx.lockEntities(from, to).await(); // in one fixed order, whatever order is named
      try {
        Result result = transfer(ctx, from, to, transfer.amount());
        release(lock);
        ctx.complete(result);
      } catch (EntityOperationFailedException failure) {
        release(lock); // the SDK does not release it for an orchestration that fails
        throw failure;
      }
    }

    private static Result transfer(
        TaskOrchestrationContext ctx, EntityInstanceId from, EntityInstanceId to, int amount) {
      int balance = ctx.callEntity(from, "get", Integer.class).await();
      if (balance < amount) {
        return new Result("refused", balance);
      }
      ctx.callEntity(from, "withdraw", amount, Integer.class).await();
      try {
        ctx.callEntity(to, "deposit", amount, Integer.class).await();
      } catch (EntityOperationFailedException failure) { // a lock is no transaction: undo the first change
        return new Result("reverted", ctx.callEntity(from, "deposit", amount, Integer.class).await());
      }
      return new Result("transferred", balance - amount);
    }

    private static void release(AutoCloseable lock) {
      try {
        lock.close();
      } catch (Exception impossible) { // declared by AutoCloseable alone; nothing is awaited here
        throw new IllegalStateException(impossible);
      }
    }
  }

  public static class Account extends AbstractTaskEntity<Integer> {
    @Override
    protected Class<Integer> getStateType() {
      return Integer.class;
    }

    @Override
    protected Integer initializeState(TaskEntityOperation operation) {
      return 0;
    }

    public int deposit(int amount) {
      if (context.getId().getKey().startsWith("closed")) {
        throw new IllegalStateException("the account is closed");
      }
      return state += amount;
    }

    public int withdraw(int amount) {
      return state -= amount;
    }

    public int get() {
      return state;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addEntity("Account", Account.class)
        .addOrchestration(orchestration("TransferMoney", TransferMoney::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    client.getEntities().signalEntity(new EntityInstanceId("Account", "A-1"), "deposit", 100);
    String id = client.scheduleNewOrchestrationInstance("TransferMoney", new Transfer("A-1", "B-2", 30));
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(1), true).getSerializedOutput());
    System.exit(0);
  }

  static TaskOrchestrationFactory orchestration(String name, Supplier<TaskOrchestration> body) {
    return new TaskOrchestrationFactory() {
      @Override public String getName() { return name; }
      @Override public TaskOrchestration create() { return body.get(); }
    };
  }
}
