import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;
import com.microsoft.durabletask.DurableTaskGrpcWorker;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.FailureDetails;
import com.microsoft.durabletask.NewOrchestrationInstanceOptions;
import com.microsoft.durabletask.OrchestrationMetadata;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Compiles and runs many Java programs in one JVM.
 *
 * <p>Reads a plan from standard input: {"compile": [unit], "run": [unit]}, a unit being {"id", "sources": [text],
 * "classpath", "port", "scenarios": [scenario]}. Writes one JSON line for each unit that was compiled and each scenario
 * that was run.
 */
public final class Runner {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  public static void main(String[] args) throws Exception {
    PrintStream report = System.out;
    System.setOut(System.err); // the programs print too
    JsonNode plan = JSON.readTree(System.in);
    try (StandardJavaFileManager files = JAVAC.getStandardFileManager(null, Locale.ROOT, null)) {
      for (JsonNode unit : plan.path("compile")) {
        ObjectNode result = line(unit, "compile");
        compile(files, unit, result);
        report.println(JSON.writeValueAsString(result));
      }
      for (JsonNode unit : plan.path("run")) {
        ObjectNode result = line(unit, "compile-to-run");
        Path classes = compile(files, unit, result);
        report.println(JSON.writeValueAsString(result));
        if (result.path("errors").isEmpty()) {
          run(unit, classes, report);
        }
      }
    }
    report.flush();
    Runtime.getRuntime().halt(0); // the worker's thread is no daemon and retries for ever
  }

  private static ObjectNode line(JsonNode unit, String step) {
    return JSON.createObjectNode().put("id", unit.path("id").asText()).put("step", step);
  }

  /** Adds "errors" to the result and returns the folder of the classes. */
  private static Path compile(StandardJavaFileManager files, JsonNode unit, ObjectNode result) throws Exception {
    Path classes = Files.createTempDirectory("classes");
    files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
    files.setLocationFromPaths(
        StandardLocation.CLASS_PATH, Stream.of(unit.path("classpath").asText().split(":")).map(Path::of).toList());
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<JavaFileObject> sources = new ArrayList<>();
    for (JsonNode text : unit.path("sources")) {
      sources.add(new Source(sources.size(), text.asText()));
    }
    List<String> options = List.of("-proc:none", "-parameters", "-Xlint:-options", "-source", "17", "-target", "17");
    JAVAC.getTask(null, files, found, options, null, sources).call();
    var errors = result.putArray("errors");
    for (Diagnostic<? extends JavaFileObject> one : found.getDiagnostics()) {
      if (one.getKind() == Diagnostic.Kind.ERROR) {
        errors.add(one.getLineNumber() + ": " + one.getMessage(Locale.ROOT));
      }
    }
    return classes;
  }

  private static void run(JsonNode unit, Path classes, PrintStream report) throws Exception {
    int port = unit.path("port").asInt();
    List<Class<?>> types = load(classes);
    DurableTaskGrpcWorkerBuilder builder = new DurableTaskGrpcWorkerBuilder().port(port);
    for (Class<?> type : types) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals("configure")) {
          method.setAccessible(true);
          method.invoke(null, builder);
        }
      }
      FunctionsHost.register(type, builder);
    }
    DurableTaskGrpcWorker worker = builder.build();
    worker.start();
    try (DurableTaskClient client = new DurableTaskGrpcClientBuilder().port(port).build()) {
      for (JsonNode scenario : unit.path("scenarios")) {
        ObjectNode result = line(unit, "run").put("scenario", scenario.path("name").asText());
        try {
          play(client, scenario, result);
        } catch (Exception error) {
          result.put("error", error.toString());
        }
        report.println(JSON.writeValueAsString(result));
      }
    }
    worker.stop();
  }

  private static void play(DurableTaskClient client, JsonNode scenario, ObjectNode result) throws Exception {
    for (JsonNode before : scenario.path("first")) {
      play(client, before, result);
    }
    for (JsonNode signal : scenario.path("signals")) {
      EntityBridge.signal(client, signal);
    }
    NewOrchestrationInstanceOptions options = new NewOrchestrationInstanceOptions()
        .setInput(scenario.path("input"))
        .setInstanceId(scenario.path("instance").asText(null));
    if (scenario.hasNonNull("version")) {
      options.setVersion(scenario.path("version").asText());
    }
    String id = client.scheduleNewOrchestrationInstance(scenario.path("orchestrator").asText(), options);
    for (JsonNode event : scenario.path("events")) {
      if (event.has("after_ms")) {
        Thread.sleep(event.path("after_ms").asInt());
      }
      client.raiseEvent(id, event.path("name").asText(), event.path("data"));
    }
    Duration patience = Duration.ofSeconds(scenario.path("timeout").asInt(20));
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

  private static JsonNode tree(String json) throws Exception {
    return json == null || json.isEmpty() ? null : JSON.readTree(json);
  }

  private static List<Class<?>> load(Path classes) throws Exception {
    URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Runner.class.getClassLoader());
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> found = Files.walk(classes)) {
      for (Path file : found.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString().replace(".class", "").replace('/', '.');
        types.add(loader.loadClass(name));
      }
    }
    return types;
  }

  /** A source text that may hold a public class of any name. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(int number, String text) {
      super(URI.create("string:///Source" + number + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }

    @Override
    public boolean isNameCompatible(String simpleName, Kind kind) {
      return kind == Kind.SOURCE;
    }
  }
}
