import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What each program prints and logs, apart from the others that run at the same time. */
final class Printed {
  private static final InheritableThreadLocal<List<String>> LINES = new InheritableThreadLocal<>();

  private Printed() {}

  /** From now on what is printed goes to the list of the thread that prints, if it has one. */
  static void listen() {
    PrintStream error = System.err;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
      @Override
      public void println(String line) {
        add(line, error);
      }

      @Override
      public void println(Object line) {
        add(String.valueOf(line), error);
      }

      @Override
      public void println(int line) {
        add(String.valueOf(line), error);
      }
    });
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      if (handler instanceof ConsoleHandler) {
        root.removeHandler(handler);
      }
    }
    root.addHandler(new Handler() {
      @Override
      public void publish(LogRecord record) {
        boolean ours = !record.getLoggerName().matches("(io\\.grpc|com\\.(microsoft|google))\\..*");
        if (ours && record.getLevel().intValue() >= Level.INFO.intValue()) {
          add(record.getMessage(), error);
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    });
  }

  /** A new list, for this thread and those that it starts from now on. */
  static List<String> here() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    LINES.set(lines);
    return lines;
  }

  private static void add(String line, PrintStream otherwise) {
    List<String> lines = LINES.get();
    if (lines == null) {
      otherwise.println(line);
    } else {
      lines.add(line);
    }
  }
}
