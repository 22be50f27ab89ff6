import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Compiles units, many in one run of the compiler: each in a package of its own, as all have the same names. */
final class Sources {
  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  private Sources() {}

  /** The compiler's words for each unit; none of the classes is kept. */
  static Map<String, List<String>> errors(JsonNode units, String classpath) throws Exception {
    Map<String, List<String>> found = new LinkedHashMap<>();
    Path scrap = Files.createTempDirectory("classes");
    List<JsonNode> left = new ArrayList<>();
    for (JsonNode unit : units) {
      found.put(unit.path("id").asText(), List.of());
      if (!unit.path("sources").isEmpty()) {
        left.add(unit);
      }
    }
    // An error ends the run before other units were looked at: go on without those that have some.
    for (Map<String, List<String>> some = Map.of("", List.of()); !some.isEmpty() && !left.isEmpty(); ) {
      some = compile(left, classpath, scrap);
      found.putAll(some);
      left.removeIf(unit -> !found.get(unit.path("id").asText()).isEmpty());
    }
    return found;
  }

  /** Puts the classes of each unit into its folder; what could not be compiled is in the result. */
  static Map<String, List<String>> classes(JsonNode units, String classpath) throws Exception {
    Map<String, List<String>> found = errors(units, classpath);
    found.values().removeIf(List::isEmpty);
    List<JsonNode> good = new ArrayList<>();
    for (JsonNode unit : units) {
      if (!found.containsKey(unit.path("id").asText()) && !unit.path("sources").isEmpty()) {
        good.add(unit);
      }
    }
    if (!good.isEmpty()) {
      compile(good, classpath, Path.of(good.get(0).path("classes").asText()));
    }
    return found;
  }

  static String packageOf(JsonNode unit) {
    return unit.path("id").asText().replaceAll("[^A-Za-z0-9]", "_").replaceFirst("^(?=[0-9])", "_");
  }

  private static Map<String, List<String>> compile(List<JsonNode> units, String classpath, Path classes)
      throws Exception {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<JavaFileObject> sources = new ArrayList<>();
    for (JsonNode unit : units) {
      for (JsonNode text : unit.path("sources")) {
        sources.add(new Source(unit, sources.size(), text.asText()));
      }
    }
    try (StandardJavaFileManager files = JAVAC.getStandardFileManager(null, Locale.ROOT, null)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
      files.setLocationFromPaths(
          StandardLocation.CLASS_PATH, Stream.of(classpath.split(":")).map(Path::of).toList());
      List<String> options = List.of("-proc:none", "-parameters", "-nowarn", "-Xmaxerrs", "9999", "--release", "17");
      JAVAC.getTask(null, files, found, options, null, sources).call();
    }
    Map<String, List<String>> errors = new LinkedHashMap<>();
    for (Diagnostic<? extends JavaFileObject> one : found.getDiagnostics()) {
      if (one.getKind() == Diagnostic.Kind.ERROR) {
        String id = one.getSource() instanceof Source source ? source.unit.path("id").asText() : "";
        errors.computeIfAbsent(id, key -> new ArrayList<>())
            .add(one.getLineNumber() + ": " + one.getMessage(Locale.ROOT));
      }
    }
    return errors;
  }

  /** A source text that may hold a public class of any name. */
  private static final class Source extends SimpleJavaFileObject {
    final JsonNode unit;
    private final String text;

    Source(JsonNode unit, int number, String text) {
      super(URI.create("string:///" + number + ".java"), Kind.SOURCE);
      this.unit = unit;
      this.text = text.startsWith("package ") ? text : "package " + packageOf(unit) + "; " + text;
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
