import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableEntityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.util.ArrayList;
import java.util.List;

public class Aggregator {
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

  @FunctionName("Account")
  public String account(@DurableEntityTrigger(name = "request", entityName = "Account") String request) {
    return EntityRunner.loadAndRun(request, Account::new);
  }

  public static class Work {
    public String accountId;
    public List<Integer> deposits;
    public int withdrawal;
  }

  public static class Outcome {
    public boolean accepted;
    public int balance;
  }

  @FunctionName("CounterAccount")
  public Outcome counterAccount(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Work work = ctx.getInput(Work.class);
    EntityInstanceId account = new EntityInstanceId("Account", work.accountId);
    for (int i = 0; i < work.deposits.size(); i++) { // signals: no answer, no failure
      String requestId = ctx.getInstanceId() + ":deposit-" + i;
      ctx.signalEntity(account, "deposit", Account.request(requestId, work.deposits.get(i)));
    }
    boolean accepted = true;
    try {
      Account.Request withdrawal = Account.request(ctx.getInstanceId() + ":withdraw", work.withdrawal);
      ctx.callEntity(account, "withdraw", withdrawal, Integer.class).await();
    } catch (EntityOperationFailedException refused) { // no TaskFailedException
      accepted = false;
    }
    Outcome outcome = new Outcome();
    outcome.accepted = accepted;
    outcome.balance = ctx.callEntity(account, "get", Integer.class).await();
    return outcome;
  }

  @FunctionName("Deposit")
  public HttpResponseMessage deposit(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, route = "accounts/{id}/deposit",
          authLevel = AuthorizationLevel.FUNCTION) HttpRequestMessage<Account.Request> request,
      @BindingName("id") String id,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    durable.signalEntity(new EntityInstanceId("Account", id), "deposit", request.getBody()); // returns at once
    return request.createResponseBuilder(HttpStatus.ACCEPTED).build();
  }

  @FunctionName("StartCounterAccount")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Work> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("CounterAccount", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
