import com.microsoft.durabletask.*;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What the SDK does with code that the skills warn of: each warning has its orchestrator here. */
final class Habits {
  /** Makes replays differ on purpose: no orchestrator may have such a thing. */
  private static final AtomicInteger RUNS = new AtomicInteger();
  private static final List<Long> ATTEMPTS = new ArrayList<>();

  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    activity(worker, "Echo", ctx -> ctx.getInput(Object.class));
    activity(worker, "Other", ctx -> "other");
    activity(worker, "NoMessage", ctx -> {
      throw new IllegalStateException();
    });
    activity(worker, "Fail", ctx -> {
      ATTEMPTS.add(System.currentTimeMillis());
      throw new IllegalStateException("boom");
    });
    activity(worker, "Slow", ctx -> {
      try {
        Thread.sleep(300);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      return 1;
    });
    orchestration(worker, "BroadCatch", ctx -> {
      String result;
      try {
        result = ctx.callActivity("Echo", "x", String.class).await();
      } catch (RuntimeException swallowed) {
        result = swallowed.getClass().getSimpleName();
      }
      ctx.complete(result);
    });
    orchestration(worker, "Finally", ctx -> {
      try {
        ctx.callActivity("Echo", 1, Integer.class).await();
        ctx.callActivity("Echo", 2, Integer.class).await();
      } finally {
        RUNS.incrementAndGet();
      }
      ctx.complete(RUNS.get());
    });
    orchestration(worker, "OtherActivityOnReplay", ctx -> {
      String name = RUNS.incrementAndGet() == 1 ? "Echo" : "Other";
      String first = ctx.callActivity(name, "first", String.class).await();
      ctx.complete(first + " " + ctx.callActivity("Echo", "second", String.class).await());
    });
    orchestration(worker, "OneMoreCallOnReplay", ctx -> {
      if (RUNS.incrementAndGet() > 1) {
        ctx.callActivity("Other", null, String.class).await();
      }
      ctx.complete(ctx.callActivity("Echo", "x", String.class).await());
    });
    orchestration(worker, "EmptyAllOf", ctx -> ctx.complete(ctx.allOf(new ArrayList<Task<String>>()).await()));
    orchestration(worker, "EmptyAnyOf", ctx -> ctx.complete(ctx.anyOf(new ArrayList<>()).await().isDone()));
    orchestration(worker, "NoMessage", ctx -> ctx.callActivity("NoMessage").await());
    orchestration(worker, "Unregistered", ctx -> ctx.callActivity("Nope").await());
    orchestration(worker, "Backoff", ctx -> {
      RetryPolicy policy = new RetryPolicy(3, Duration.ofMillis(200)).setBackoffCoefficient(2.9);
      try {
        ctx.callActivity("Fail", null, new TaskOptions(policy), String.class).await();
      } catch (TaskFailedException failure) { // 2.9 ^ 1 is cut to 2, 2.9 ^ 2 to 8
        ctx.complete(List.of((ATTEMPTS.get(1) - ATTEMPTS.get(0)) / 400, (ATTEMPTS.get(2) - ATTEMPTS.get(1)) / 1600));
      }
    });
    orchestration(worker, "FanOut", ctx -> {
      long start = ctx.getCurrentInstant().toEpochMilli();
      List<Task<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        tasks.add(ctx.callActivity("Slow", i, Integer.class));
      }
      ctx.allOf(tasks).await();
      ctx.complete(ctx.getCurrentInstant().toEpochMilli() - start >= 1200);
    });
    orchestration(worker, "WaitForApproval", ctx -> {
      try {
        ctx.complete(ctx.waitForExternalEvent("Approval", Duration.ofSeconds(1), String.class).await());
      } catch (TaskCanceledException timeout) {
        ctx.complete(timeout.getMessage());
      }
    });
    orchestration(worker, "EqualEvents", ctx -> {
      List<String> seen = new ArrayList<>(Arrays.asList(ctx.getInput(String[].class)));
      if (seen.isEmpty()) {
        ctx.createTimer(Duration.ofMillis(500)).await(); // until all events are there
      }
      seen.add(ctx.waitForExternalEvent("event", String.class).await());
      if (seen.size() < 3) {
        ctx.continueAsNew(seen);
      }
      ctx.complete(seen);
    });
    orchestration(worker, "AnyOfFailed", ctx -> {
      try {
        ctx.anyOf(ctx.callActivity("Fail", null, String.class), ctx.createTimer(Duration.ofSeconds(60))).await();
      } catch (TaskFailedException failure) {
        ctx.complete("threw " + failure.getMessage());
      }
    });
    orchestration(worker, "AnyOfListOrder", ctx -> {
      Task<String> first = ctx.callActivity("Echo", "ended first", String.class);
      Task<String> second = ctx.callActivity("Echo", "ended second", String.class);
      ctx.allOf(List.of(first, second)).await();
      ctx.complete(ctx.anyOf(second, first).await() == second ? "the second named, which ended first" : "");
    });
    orchestration(worker, "Child", ctx -> ctx.callActivity("Fail").await());
    orchestration(worker, "ChildFailure", ctx -> {
      try {
        ctx.callSubOrchestrator("Child", null, String.class).await();
      } catch (TaskFailedException failure) {
        FailureDetails details = failure.getErrorDetails();
        ctx.complete(List.of(details.getErrorMessage(), details.isCausedBy(IllegalStateException.class)));
      }
    });
    orchestration(worker, "IsCausedBy", ctx -> {
      try {
        ctx.callActivity("Fail").await();
      } catch (TaskFailedException failure) {
        FailureDetails details = failure.getErrorDetails();
        ctx.complete(List.of(
            details.isCausedBy(IllegalStateException.class),
            details.isCausedBy(RuntimeException.class),
            details.isCausedBy(IllegalArgumentException.class)));
      }
    });
    orchestration(worker, "TypelessChild", ctx -> {
      List<String> found = new ArrayList<>();
      try {
        ctx.callSubOrchestrator("Child");
      } catch (IllegalArgumentException error) {
        found.add(error.getMessage());
      }
      try {
        ctx.callSubOrchestrator("Child", 1);
      } catch (IllegalArgumentException error) {
        found.add(error.getMessage());
      }
      ctx.complete(found);
    });
    orchestration(worker, "WrongShape", ctx -> {
      try {
        ctx.waitForExternalEvent("event", Integer.class).await();
      } catch (DataConverter.DataConverterException error) {
        ctx.complete(error.getClass().getSimpleName());
      }
    });
    orchestration(worker, "ZeroAndPastTimers", ctx -> {
      ctx.createTimer(Duration.ZERO).await();
      ctx.createTimer(Duration.ofSeconds(-5)).await();
      ctx.complete("fired");
    });
    orchestration(worker, "ZeroWait", ctx -> {
      try {
        ctx.waitForExternalEvent("event", Duration.ZERO, String.class).await();
      } catch (TaskCanceledException none) {
        ctx.complete("canceled");
      }
    });
    orchestration(worker, "ZeroWaitForAnEventThatIsThere", ctx -> {
      ctx.createTimer(Duration.ofMillis(500)).await();
      ctx.complete(ctx.waitForExternalEvent("event", Duration.ZERO, String.class).await());
    });
    orchestration(worker, "WaitsInOrder", ctx -> {
      Task<String> first = ctx.waitForExternalEvent("event", String.class);
      Task<String> second = ctx.waitForExternalEvent("event", String.class);
      String last = second.await();
      ctx.complete(List.of(first.await(), last));
    });
    orchestration(worker, "EndsBeforeItsHistory", ctx -> {
      if (RUNS.incrementAndGet() == 1) {
        ctx.callActivity("Echo", "x", String.class).await();
      }
      ctx.complete("x");
    });
    orchestration(worker, "NoComplete", ctx -> ctx.callActivity("Echo", 1, Integer.class).await());
    orchestration(worker, "CompleteTwice", ctx -> {
      ctx.complete(1);
      ctx.complete(2);
    });
    orchestration(worker, "RetryHandler", ctx -> {
      int[] last = {0};
      RetryHandler handler = retry -> (last[0] = retry.getLastAttemptNumber()) < 3;
      try {
        ctx.callActivity("Fail", null, new TaskOptions(handler), String.class).await();
      } catch (TaskFailedException failure) {
        ctx.complete(last[0]);
      }
    });
    orchestration(worker, "UnknownField", ctx -> ctx.complete(ctx.getInput(Known.class).known()));
    return worker;
  }

  record Known(int known) {}

  private static void orchestration(DurableTaskGrpcWorkerBuilder worker, String name, TaskOrchestration body) {
    worker.addOrchestration(new TaskOrchestrationFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskOrchestration create() {
        return body;
      }
    });
  }

  private static void activity(DurableTaskGrpcWorkerBuilder worker, String name, TaskActivity body) {
    worker.addActivity(new TaskActivityFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskActivity create() {
        return body;
      }
    });
  }
}
