import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableEntityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;

public class CriticalSection {
  public static class Transfer {
    public String from;
    public String to;
    public int amount;
  }

  public static class Result {
    public String status;
    public int balance;

    public Result(String status, int balance) {
      this.status = status;
      this.balance = balance;
    }
  }

  @FunctionName("TransferMoney")
  public Result transferMoney(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Transfer transfer = ctx.getInput(Transfer.class);
    if (transfer.from.equals(transfer.to) || transfer.amount <= 0) {
      return new Result("refused", 0);
    }
    EntityInstanceId from = new EntityInstanceId("Account", transfer.from);
    EntityInstanceId to = new EntityInstanceId("Account", transfer.to);
    // No try-with-resources and no finally: they run at every await, and would unlock at the first one.
    AutoCloseable lock = ctx.lockEntities(from, to).await(); // in one fixed order, whatever order is named
    Result result;
    try {
      result = transfer(ctx, from, to, transfer.amount);
    } catch (EntityOperationFailedException failure) {
      release(lock); // the SDK does not release it for an orchestration that fails
      throw failure;
    }
    release(lock);
    return result;
  }

  private static Result transfer(TaskOrchestrationContext ctx, EntityInstanceId from, EntityInstanceId to, int amount) {
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

  @FunctionName("Account")
  public String account(@DurableEntityTrigger(name = "request", entityName = "Account") String request) {
    return EntityRunner.loadAndRun(request, Account::new);
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

  @FunctionName("StartTransferMoney")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Transfer> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("TransferMoney", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
