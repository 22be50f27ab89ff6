import com.microsoft.durabletask.*;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Orchestrations whose code changes under a running instance: one for each row of the tables `notices`. */
final class Changes {
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    for (String name : new String[] {"A", "B", "C"}) {
      worker.addActivity(activity(name, () -> ctx -> name + " of " + ctx.getInput(String.class)));
    }
    worker.addOrchestration(orchestration("Child", () -> ctx -> ctx.complete("child")));
    worker.addOrchestration(orchestration("OtherChild", () -> ctx -> ctx.complete("other child")));
    add(worker, "renamed-activity", (ctx, changed) -> two(call(ctx, changed ? "C" : "A", "x"), call(ctx, "B", "y")));
    add(worker, "swapped-steps", (ctx, changed) -> {
      if (!changed) {
        return two(call(ctx, "A", "x"), call(ctx, "B", "y"));
      }
      String b = call(ctx, "B", "y");
      return two(call(ctx, "A", "x"), b);
    });
    add(worker, "added-step", (ctx, changed) -> {
      if (changed) {
        call(ctx, "C", "z");
      }
      return two(call(ctx, "A", "x"), call(ctx, "B", "y"));
    });
    add(worker, "removed-step", (ctx, changed) -> two(changed ? "left out" : call(ctx, "A", "x"), call(ctx, "B", "y")));
    add(worker, "other-kind", (ctx, changed) -> {
      if (changed) {
        ctx.createTimer(Duration.ofMillis(10)).await();
        return two("waited", call(ctx, "B", "y"));
      }
      return two(call(ctx, "A", "x"), call(ctx, "B", "y"));
    });
    add(worker, "other-payload", (ctx, changed) -> two(call(ctx, "A", changed ? "z" : "x"), call(ctx, "B", "y")));
    add(worker, "other-timer", (ctx, changed) -> {
      ctx.createTimer(Duration.ofMillis(changed ? 1 : 10)).await();
      return two("waited", call(ctx, "B", "y"));
    });
    add(worker, "renamed-child", (ctx, changed) -> {
      String child = ctx.callSubOrchestrator(changed ? "OtherChild" : "Child", "x", String.class).await();
      return two(child, call(ctx, "B", "y"));
    });
    add(worker, "renamed-event", (ctx, changed) -> {
      Map<String, String> both = two(call(ctx, "A", "x"), call(ctx, "B", "y"));
      if (changed) {
        ctx.waitForExternalEvent("Begin").await();
      }
      return both;
    });
    return worker;
  }

  private interface Body {
    Map<String, String> run(TaskOrchestrationContext ctx, boolean changed);
  }

  private static void add(DurableTaskGrpcWorkerBuilder worker, String name, Body body) {
    worker.addOrchestration(orchestration(name, () -> ctx -> {
      Map<String, String> both = body.run(ctx, Boolean.getBoolean(name));
      ctx.waitForExternalEvent("Go").await();
      ctx.complete(both);
    }));
  }

  private static String call(TaskOrchestrationContext ctx, String name, String input) {
    return ctx.callActivity(name, input, String.class).await();
  }

  private static Map<String, String> two(String a, String b) {
    Map<String, String> both = new LinkedHashMap<>();
    both.put("a", a);
    both.put("b", b);
    return both;
  }

  private static TaskOrchestrationFactory orchestration(String name, Supplier<TaskOrchestration> body) {
    return new TaskOrchestrationFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskOrchestration create() {
        return body.get();
      }
    };
  }

  private static TaskActivityFactory activity(String name, Supplier<TaskActivity> body) {
    return new TaskActivityFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskActivity create() {
        return body.get();
      }
    };
  }
}
