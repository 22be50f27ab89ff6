import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

final class AgentLoop {
  record Question(String question, int maxTurns) {}
  record ToolCall(String id, String tool, String argument) {}
  record ToolRequest(String key, String argument) {}
  record Reply(String answer, List<ToolCall> toolCalls) {}
  record Result(String answer, int turns, String status) {}

  static class ResearchAgent implements TaskOrchestration {
    static final List<String> TOOLS = List.of("SearchWeb", "SendReport"); // what a model asks for is input from outside
    static final List<String> DANGEROUS = List.of("SendReport");
    static final TaskOptions RETRY = new TaskOptions(
        new RetryPolicy(5, Duration.ofSeconds(2)).setBackoffCoefficient(2).setMaxRetryInterval(Duration.ofMinutes(1)));

    @Override
    public void run(TaskOrchestrationContext ctx) {
      Question question = ctx.getInput(Question.class);
      List<String> messages = new ArrayList<>(List.of("user: " + question.question()));
      for (int turn = 1; turn <= question.maxTurns(); turn++) {
        ctx.setCustomStatus("turn " + turn);
        Reply reply = ctx.callActivity("CallModel", messages, RETRY, Reply.class).await(); // replay does not pay again
        if (reply.answer() != null) {
          ctx.complete(new Result(reply.answer(), turn, "answered"));
          return;
        }
        messages.addAll(runTools(ctx, turn, reply.toolCalls()));
      }
      ctx.complete(new Result(null, question.maxTurns(), "gave_up"));
    }

    private static List<String> runTools(TaskOrchestrationContext ctx, int turn, List<ToolCall> asked) {
      List<ToolCall> calls = asked == null ? List.of() : asked;
      List<String> results = new ArrayList<>();
      List<Task<String>> running = new ArrayList<>();
      List<ToolCall> allowed = new ArrayList<>();
      for (ToolCall call : calls.subList(0, Math.min(calls.size(), 5))) {
        if (!TOOLS.contains(call.tool()) || (DANGEROUS.contains(call.tool()) && !approved(ctx, turn, call))) {
          results.add(call.tool() + ": not allowed");
        } else {
          allowed.add(call);
          String key = ctx.getInstanceId() + ":" + turn + ":" + call.id(); // tools run at least once
          running.add(ctx.callActivity(call.tool(), new ToolRequest(key, call.argument()), RETRY, String.class));
        }
      }
      for (int i = 0; i < running.size(); i++) {
        try {
          results.add(allowed.get(i).tool() + ": " + running.get(i).await());
        } catch (TaskFailedException failure) { // tell the model instead of failing the agent
          results.add(allowed.get(i).tool() + ": failed: " + failure.getErrorDetails().getErrorMessage());
        }
      }
      return results;
    }

    private static boolean approved(TaskOrchestrationContext ctx, int turn, ToolCall call) {
      String event = "approval-" + turn + "-" + call.id(); // means this one call: a late answer does not pass for another
      ctx.setCustomStatus("waiting for " + event);
      try {
        Object payload = ctx.waitForExternalEvent(event, Duration.ofHours(1), Object.class).await(); // from outside
        return payload instanceof Map<?, ?> fields && Boolean.TRUE.equals(fields.get("approved"));
      } catch (TaskCanceledException timeout) {
        return false;
      }
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    return worker
        .addOrchestration(orchestration("ResearchAgent", ResearchAgent::new))
        .addActivity(activity("CallModel", CallModel::new))
        .addActivity(activity("SearchWeb", SearchWeb::new))
        .addActivity(activity("SendReport", SendReport::new));
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Question question = new Question("How high is Etna?", 5);
    String id = client.scheduleNewOrchestrationInstance("ResearchAgent", question);
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(5), true).getSerializedOutput());
    System.exit(0);
  }

  /** Call your model here, with a timeout; this one plays a fixed part. */
  static class CallModel implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      String[] messages = ctx.getInput(String[].class);
      String question = messages[0];
      if (messages.length == 1) {
        String tool = question.contains("report") ? "SendReport" : "SearchWeb";
        return new Reply(null, List.of(new ToolCall("call-1", tool, question)));
      }
      return question.contains("endless")
          ? new Reply(null, List.of(new ToolCall("2", "SearchWeb", "more"), new ToolCall("3", "FormatDisk", "c:")))
          : new Reply("from " + messages[messages.length - 1], List.of());
    }
  }

  static class SearchWeb implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      return "results for " + ctx.getInput(ToolRequest.class).argument();
    }
  }

  static class SendReport implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      return "sent";
    }
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
