package shop.stock;

import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationContext;
import java.time.Duration;
import java.time.Instant;

/** Orders more of an article when it runs out. */
final class Replenish implements TaskOrchestration {
  @Override
  public void run(TaskOrchestrationContext ctx) {
    String article = ctx.getInput(String.class);
    Instant asked = Instant.now();
    String supplier = Suppliers.pick(article);
    ctx.callActivity("OrderArticle", supplier).await();
    ctx.createTimer(Duration.ofDays(2)).await();
    ctx.complete(article + " asked for at " + asked);
  }
}
