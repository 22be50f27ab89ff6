import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

final class SubOrchestration {
  record Order(String orderId, int quantity) {}
  record Report(List<String> fulfilled, List<String> failed) {}

  static class FulfilOrders implements TaskOrchestration {
    static final int PARALLEL = 10;

    @Override
    public void run(TaskOrchestrationContext ctx) {
      List<Order> orders = Arrays.asList(ctx.getInput(Order[].class)); // there is no type token for List<Order>
      List<String> fulfilled = new ArrayList<>();
      List<String> failed = new ArrayList<>();
      for (int start = 0; start < orders.size(); start += PARALLEL) {
        List<Order> window = orders.subList(start, Math.min(start + PARALLEL, orders.size()));
        List<Task<String>> children = new ArrayList<>();
        for (Order order : window) {
          String childId = ctx.getInstanceId() + ":" + order.orderId();
          children.add(ctx.callSubOrchestrator("ProcessOrder", order, childId, String.class));
        }
        for (int i = 0; i < children.size(); i++) {
          try {
            fulfilled.add(children.get(i).await());
          } catch (TaskFailedException failure) { // one failed child does not lose the others
            failed.add(window.get(i).orderId());
          }
        }
      }
      ctx.complete(new Report(fulfilled, failed));
    }
  }

  static class ProcessOrder implements TaskOrchestration {
    @Override
    public void run(TaskOrchestrationContext ctx) {
      Order order = ctx.getInput(Order.class);
      ctx.callActivity("ReserveStock", order).await();
      ctx.complete(order.orderId());
    }
  }

  static class ReserveStock implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Order order = ctx.getInput(Order.class);
      if (order.quantity() < 1) {
        throw new IllegalArgumentException("order " + order.orderId() + " has no quantity");
      }
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("FulfilOrders", FulfilOrders::new))
        .addOrchestration(orchestration("ProcessOrder", ProcessOrder::new))
        .addActivity(activity("ReserveStock", ReserveStock::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    List<Order> orders = List.of(new Order("order-1", 2), new Order("order-2", 0), new Order("order-3", 1));
    String id = client.scheduleNewOrchestrationInstance("FulfilOrders", orders);
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
