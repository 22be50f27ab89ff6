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
import java.math.BigDecimal;
import java.time.Duration;

public class Chaining {
  // Plain fields: activity inputs are bound by the Functions worker, not by the SDK's converter.
  public static class Order {
    public String orderId;
    public String item;
    public int quantity;
    public BigDecimal amount;
  }

  public static class Charge {
    public String orderId;
    public BigDecimal amount;
    public String idempotencyKey;
  }

  public static class Confirmation {
    public String orderId;
    public String status;
    public String paymentId;
  }

  @FunctionName("ProcessOrder")
  public Confirmation processOrder(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Order order = ctx.getInput(Order.class);
    TaskOptions retry = new TaskOptions(
        new RetryPolicy(4, Duration.ofSeconds(1)).setBackoffCoefficient(2).setMaxRetryInterval(Duration.ofSeconds(30)));
    Charge charge = new Charge();
    charge.orderId = order.orderId;
    charge.amount = order.amount;
    charge.idempotencyKey = ctx.newUUID().toString(); // the same at every replay and for every attempt

    ctx.callActivity("ReserveStock", order).await();
    String paymentId = ctx.callActivity("ChargePayment", charge, retry, String.class).await();
    Confirmation confirmation = new Confirmation();
    confirmation.orderId = order.orderId;
    confirmation.status = "confirmed";
    confirmation.paymentId = paymentId;
    ctx.callActivity("SendConfirmation", confirmation).await();
    return confirmation;
  }

  @FunctionName("ReserveStock")
  public void reserveStock(@DurableActivityTrigger(name = "order") Order order) {
    if (order.quantity < 1) {
      throw new IllegalArgumentException("order " + order.orderId + " has no quantity");
    }
    // Reserve under the order id, so that a second run reserves nothing more.
  }

  @FunctionName("ChargePayment")
  public String chargePayment(@DurableActivityTrigger(name = "charge") Charge charge) {
    // Activities run at least once: pass the key on, so that the payment service charges once.
    return "pay-" + charge.idempotencyKey;
  }

  @FunctionName("SendConfirmation")
  public void sendConfirmation(@DurableActivityTrigger(name = "confirmation") Confirmation confirmation) {
    System.out.println("confirmed " + confirmation.orderId);
  }

  @FunctionName("StartProcessOrder")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Order> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("ProcessOrder", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
