package shop.stock;

import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.TaskActivity;
import com.microsoft.durabletask.TaskActivityFactory;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationFactory;

// The stock app, on the Durable Task SDK for Java.
final class Worker {
  public static void main(String[] args) {
    new DurableTaskGrpcWorkerBuilder()
        .addOrchestration(new TaskOrchestrationFactory() {
          @Override public String getName() { return "Replenish"; }
          @Override public TaskOrchestration create() { return new Replenish(); }
        })
        .addActivity(new TaskActivityFactory() {
          @Override public String getName() { return "OrderArticle"; }
          @Override public TaskActivity create() { return ctx -> ctx.getInput(String.class); }
        })
        .build()
        .startAndBlock();
  }
}
