import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.function.Supplier;

final class Chaining {
  record Order(String orderId, String item, int quantity, BigDecimal amount) {}
  record Charge(String orderId, BigDecimal amount, String idempotencyKey) {}
  record Confirmation(String orderId, String status, String paymentId) {}

  static class ProcessOrder implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Order order = ctx.getInput(Order.class);
      RetryPolicy policy = new RetryPolicy(4, Duration.ofSeconds(1))
          .setBackoffCoefficient(2)
          .setMaxRetryInterval(Duration.ofSeconds(30));
      String key = ctx.newUUID().toString(); // the same at every replay and for every attempt

      ctx.callActivity("ReserveStock", order).await();
      Charge charge = new Charge(order.orderId(), order.amount(), key);
      String paymentId = ctx.callActivity("ChargePayment", charge, new TaskOptions(policy), String.class).await();
      Confirmation confirmation = new Confirmation(order.orderId(), "confirmed", paymentId);
      ctx.callActivity("SendConfirmation", confirmation).await();
      ctx.complete(confirmation);
    }
  }

  static class ReserveStock implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Order order = ctx.getInput(Order.class);
      if (order.quantity() < 1) {
        throw new IllegalArgumentException("order " + order.orderId() + " has no quantity");
      }
      return null; // reserve under the order id, so that a second run reserves nothing more
    }
  }

  static class ChargePayment implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Charge charge = ctx.getInput(Charge.class);
      // Activities run at least once: pass the key on, so that the payment service charges once.
      return "pay-" + charge.idempotencyKey();
    }
  }

  static class SendConfirmation implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      System.out.println("confirmed " + ctx.getInput(Confirmation.class).orderId());
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("ProcessOrder", ProcessOrder::new))
        .addActivity(activity("ReserveStock", ReserveStock::new))
        .addActivity(activity("ChargePayment", ChargePayment::new))
        .addActivity(activity("SendConfirmation", SendConfirmation::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Order order = new Order("order-1", "lamp", 2, new BigDecimal("59.90"));
    String id = client.scheduleNewOrchestrationInstance("ProcessOrder", order);
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
