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
import java.time.Duration;
import java.util.TreeMap;

public class Eternal {
  static final int EVENTS = 50; // in one generation

  public static class Inventory {
    public TreeMap<String, Integer> stock = new TreeMap<>(); // sorted: the same JSON at every replay
    public int handled;
    public boolean stopping;
  }

  /** With an id of its own: a restart merges unread events that are equal, and hands them over in no fixed order. */
  public static class Change {
    public String changeId;
    public String item;
    public int delta;
  }

  @FunctionName("InventorySync")
  public Inventory inventorySync(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Inventory inventory = ctx.getInput(Inventory.class);
    Task<Void> stop = ctx.waitForExternalEvent("stop");
    for (int i = 0; i < EVENTS; i++) {
      Task<Change> changed = ctx.waitForExternalEvent("stock_changed", Change.class);
      if (!inventory.stopping) {
        ctx.anyOf(changed, stop).await();
        inventory.stopping = stop.isDone();
      }
      if (inventory.stopping && !changed.isDone()) { // the stop may have overtaken changes
        ctx.anyOf(changed, ctx.createTimer(Duration.ofSeconds(1))).await();
      }
      if (!changed.isDone()) {
        return inventory;
      }
      Change change = changed.await();
      ctx.callActivity("ApplyStockChange", change).await();
      inventory.stock.merge(change.item, change.delta, Integer::sum);
      inventory.handled++;
      // A stop that was taken is no unread event any more: carry it.
      inventory.stopping = inventory.stopping || stop.isDone();
    }
    ctx.continueAsNew(inventory); // keeps unread events; continueAsNew(inventory, false) drops them
    return null;
  }

  @FunctionName("ApplyStockChange")
  public void applyStockChange(@DurableActivityTrigger(name = "change") Change change) {
    // Apply it under its id: activities run at least once.
    System.out.println(change.item + " " + change.delta);
  }

  @FunctionName("StartInventorySync")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<String> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    DurableTaskClient client = durable.getClient();
    OrchestrationMetadata found = client.getInstanceMetadata("inventory-sync", false); // a fixed id: there is one of it
    if (!found.isInstanceFound() || found.isCompleted()) { // pending and suspended ones live
      client.scheduleNewOrchestrationInstance("InventorySync", new Inventory(), "inventory-sync");
    }
    return durable.createCheckStatusResponse(request, "inventory-sync");
  }
}
