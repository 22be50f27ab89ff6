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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public class SubOrchestration {
  static final int PARALLEL = 10;

  public static class Order {
    public String orderId;
    public int quantity;
  }

  public static class Report {
    public List<String> fulfilled = new ArrayList<>();
    public List<String> failed = new ArrayList<>();
  }

  @FunctionName("FulfilOrders")
  public Report fulfilOrders(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    List<Order> orders = Arrays.asList(ctx.getInput(Order[].class)); // there is no type token for List<Order>
    Report report = new Report();
    for (int start = 0; start < orders.size(); start += PARALLEL) {
      List<Order> window = orders.subList(start, Math.min(start + PARALLEL, orders.size()));
      List<Task<String>> children = new ArrayList<>();
      for (Order order : window) {
        String childId = ctx.getInstanceId() + ":" + order.orderId;
        children.add(ctx.callSubOrchestrator("ProcessOrder", order, childId, String.class));
      }
      for (int i = 0; i < children.size(); i++) {
        try {
          report.fulfilled.add(children.get(i).await());
        } catch (TaskFailedException failure) { // one failed child does not lose the others
          report.failed.add(window.get(i).orderId);
        }
      }
    }
    return report;
  }

  @FunctionName("ProcessOrder")
  public String processOrder(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Order order = ctx.getInput(Order.class);
    ctx.callActivity("ReserveStock", order).await();
    return order.orderId;
  }

  @FunctionName("ReserveStock")
  public void reserveStock(@DurableActivityTrigger(name = "order") Order order) {
    if (order.quantity < 1) {
      throw new IllegalArgumentException("order " + order.orderId + " has no quantity");
    }
  }

  @FunctionName("StartFulfilOrders")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Order[]> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("FulfilOrders", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }
}
