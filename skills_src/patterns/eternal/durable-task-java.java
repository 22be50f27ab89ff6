import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

final class Eternal {
  record Inventory(Map<String, Integer> stock, int handled, boolean stopping) {}
  /** With an id of its own: a restart merges unread events that are equal, and hands them over in no fixed order. */
  record Change(String changeId, String item, int delta) {}

  static class InventorySync implements TaskOrchestration {
    static final int EVENTS = 50; // in one generation

    @Override
    public void run(TaskOrchestrationContext ctx) {
      Inventory inventory = ctx.getInput(Inventory.class);
      Map<String, Integer> stock = new TreeMap<>(inventory.stock()); // sorted: the same JSON at every replay
      int handled = inventory.handled();
      boolean stopping = inventory.stopping();
      Task<Void> stop = ctx.waitForExternalEvent("stop");
      for (int i = 0; i < EVENTS; i++) {
        Task<Change> changed = ctx.waitForExternalEvent("stock_changed", Change.class);
        if (!stopping) {
          ctx.anyOf(changed, stop).await();
          stopping = stop.isDone();
        }
        if (stopping && !changed.isDone()) { // the stop may have overtaken changes
          ctx.anyOf(changed, ctx.createTimer(Duration.ofSeconds(1))).await();
        }
        if (!changed.isDone()) {
          ctx.complete(new Inventory(stock, handled, true));
          return;
        }
        Change change = changed.await();
        ctx.callActivity("ApplyStockChange", change).await();
        stock.merge(change.item(), change.delta(), Integer::sum);
        handled++;
        stopping = stopping || stop.isDone(); // a stop that was taken is no unread event any more: carry it
      }
      ctx.continueAsNew(new Inventory(stock, handled, stopping)); // keeps unread events; (x, false) drops them
    }
  }

  static class ApplyStockChange implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      Change change = ctx.getInput(Change.class);
      // Apply it under its id: activities run at least once.
      System.out.println(change.item() + " " + change.delta());
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("InventorySync", InventorySync::new))
        .addActivity(activity("ApplyStockChange", ApplyStockChange::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    String id = client.scheduleNewOrchestrationInstance(
        "InventorySync", new Inventory(Map.of(), 0, false), "inventory-sync"); // a fixed id: there is one of it
    client.raiseEvent(id, "stock_changed", new Change("change-1", "lamp", 5));
    client.raiseEvent(id, "stop");
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
