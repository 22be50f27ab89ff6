import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.FailureDetails;
import com.microsoft.durabletask.NewOrchestrationInstanceOptions;
import com.microsoft.durabletask.OrchestrationMetadata;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * Runs many Java programs in one JVM.
 *
 * <p>Reads a plan from standard input, one line of JSON: {"compile": [unit], "against": class path, "run": [unit]}.
 * A unit is {"id", "sources": [text], "classes": folder, "port", "scenarios": [scenario]}. Writes one line of JSON for
 * each unit that was compiled and for each scenario that was run. With the argument `replay` it runs no scenario: it
 * keeps the workers of the units running until standard input ends, for whoever sends them recorded work.
 */
public final class Runner {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOGETHER = 8;

  public static void main(String[] args) throws Exception {
    PrintStream report = System.out;
    Printed.listen();
    var input = new java.io.BufferedReader(new java.io.InputStreamReader(System.in, "UTF-8"));
    JsonNode plan = JSON.readTree(input.readLine());
    if (args[0].equals("replay")) {
      if (order().equals(plan.path("order").asText())) {
        report.println("the same order of sets"); // one process in some hundreds
        return;
      }
      for (JsonNode unit : plan.path("run")) {
        Host.start(unit, null);
      }
      report.println("ready");
      input.readLine();
    } else {
      say(report, line("", "order").put("order", order()));
      for (var one : Sources.errors(plan.path("compile"), plan.path("against").asText()).entrySet()) {
        say(report, line(one.getKey(), "compile").set("errors", JSON.valueToTree(one.getValue())));
      }
      var failed = Sources.classes(plan.path("run"), System.getProperty("java.class.path"));
      ExecutorService together = Executors.newFixedThreadPool(TOGETHER);
      List<Future<?>> all = new ArrayList<>();
      for (JsonNode unit : plan.path("run")) {
        String id = unit.path("id").asText();
        say(report, line(id, "build").set("errors", JSON.valueToTree(failed.getOrDefault(id, List.of()))));
        if (!failed.containsKey(id)) {
          all.add(together.submit(() -> run(unit, report)));
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    report.flush();
    Runtime.getRuntime().halt(0); // the worker's thread is no daemon and retries for ever
  }

  /** The order of a set, which this process chose when it began. */
  private static String order() {
    return Set.of(IntStream.range(0, 16).mapToObj(n -> "name-" + n).toArray()).toString();
  }

  private static ObjectNode line(String id, String step) {
    return JSON.createObjectNode().put("id", id).put("step", step);
  }

  private static void say(PrintStream report, JsonNode line) {
    synchronized (report) {
      report.println(line);
    }
  }

  private static void run(JsonNode unit, PrintStream report) {
    List<String> printed = Printed.here(); // of all threads that this one starts
    try (DurableTaskClient client = new DurableTaskGrpcClientBuilder().port(unit.path("port").asInt()).build()) {
      Host host = Host.start(unit, client);
      for (JsonNode scenario : unit.path("scenarios")) {
        ObjectNode result = line(unit.path("id").asText(), "run").put("scenario", scenario.path("name").asText());
        printed.clear();
        host.calls.clear();
        try {
          play(host, client, scenario, result);
          await(host.calls, scenario.path("calls").asInt());
          await(printed, scenario.path("printed").asInt());
        } catch (Exception error) {
          result.put("error", error.toString());
          if (error instanceof TimeoutException) {
            client.terminate(result.path("instance").asText(), null); // it may be busy for ever
          }
        }
        result.set("calls", JSON.valueToTree(List.copyOf(host.calls)));
        result.set("printed", JSON.valueToTree(List.copyOf(printed)));
        say(report, result);
      }
    } catch (Exception | LinkageError error) {
      Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
      say(report, line(unit.path("id").asText(), "host").put("error", cause.toString()));
    }
  }

  /** What nobody waits for may run after the end. */
  private static void await(List<?> calls, int count) throws InterruptedException {
    for (int i = 0; i < 100 && calls.size() < count; i++) {
      Thread.sleep(50);
    }
  }

  private static void play(Host host, DurableTaskClient client, JsonNode scenario, ObjectNode result) throws Exception {
    for (JsonNode signal : scenario.path("signals")) {
      EntityBridge.signal(client, signal);
    }
    NewOrchestrationInstanceOptions options = new NewOrchestrationInstanceOptions();
    if (scenario.hasNonNull("input")) {
      options.setInput(scenario.path("input"));
    }
    if (scenario.hasNonNull("version")) {
      options.setVersion(scenario.path("version").asText());
    }
    String orchestrator = scenario.path("orchestrator").asText();
    String id = scenario.path("by_http").asBoolean() ? host.startByHttp(orchestrator, scenario.path("input")) : null;
    result.put("byHttp", id != null);
    if (id == null) {
      id = client.scheduleNewOrchestrationInstance(orchestrator, options);
    }
    result.put("instance", id);
    for (JsonNode event : scenario.path("events")) {
      if (event.has("after_ms")) {
        Thread.sleep(event.path("after_ms").asInt());
      }
      if (event.has("change")) {
        System.setProperty(event.path("change").asText(), "true"); // read by Changes.java
      }
      client.raiseEvent(id, event.path("name").asText(), event.path("data"));
    }
    Duration patience = Duration.ofSeconds(scenario.path("timeout").asInt());
    OrchestrationMetadata end = client.waitForInstanceCompletion(id, patience, true);
    result.put("status", end.getRuntimeStatus().name());
    result.set("output", tree(end.getSerializedOutput()));
    result.set("customStatus", end.isCustomStatusFetched() ? end.readCustomStatusAs(JsonNode.class) : null);
    FailureDetails failure = end.getFailureDetails();
    if (failure != null) {
      result.put("failureType", failure.getErrorType()).put("failureMessage", failure.getErrorMessage());
    }
    if (scenario.has("entity")) {
      result.set("state", EntityBridge.state(client, scenario.path("entity")));
    }
  }

  static JsonNode tree(String json) throws Exception {
    return json == null || json.isEmpty() ? null : JSON.readTree(json);
  }
}
