import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerClientExtensions;
import com.microsoft.durabletask.azuremanaged.DurableTaskSchedulerWorkerExtensions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

final class Saga {
  record Trip(String tripId, String city, String soldOut) {}
  record Booking(String key, Trip trip) {}
  record Outcome(String status, String failed, List<String> notUndone) {}

  static class BookTrip implements TaskOrchestration {
    static final TaskOptions STEP = new TaskOptions(new RetryPolicy(2, Duration.ofSeconds(1)));
    static final TaskOptions UNDO = new TaskOptions(
        new RetryPolicy(6, Duration.ofSeconds(1)).setBackoffCoefficient(2).setMaxRetryInterval(Duration.ofMinutes(1)));

    @Override
    public void run(TaskOrchestrationContext ctx) {
      String key = ctx.newUUID().toString(); // of every step and of its undoing
      Booking booking = new Booking(key, ctx.getInput(Trip.class));
      Deque<String> undo = new ArrayDeque<>();
      try {
        for (String part : List.of("Flight", "Hotel", "Car")) {
          undo.push("Cancel" + part); // before the step, by the key: a failed one may have succeeded
          ctx.callActivity("Book" + part, booking, STEP, String.class).await();
        }
        ctx.complete(new Outcome("booked", null, List.of()));
      } catch (TaskFailedException failure) {
        List<String> notUndone = new ArrayList<>();
        for (String cancel : undo) { // last in, first out, one after the other
          try {
            ctx.callActivity(cancel, booking, UNDO).await();
          } catch (TaskFailedException stuck) {
            notUndone.add(cancel); // for a person to settle
          }
        }
        String status = notUndone.isEmpty() ? "canceled" : "needs_attention";
        ctx.complete(new Outcome(status, failure.getTaskName(), notUndone));
      }
    }
  }

  static class Book implements TaskActivity {
    private final String part;

    Book(String part) {
      this.part = part;
    }

    @Override
    public Object run(TaskActivityContext ctx) {
      Booking booking = ctx.getInput(Booking.class);
      if (booking.trip().soldOut().equals(part)) {
        throw new IllegalStateException("no " + part + " left in " + booking.trip().city());
      }
      return part + "-" + booking.key();
    }
  }

  static class Cancel implements TaskActivity {
    @Override
    public Object run(TaskActivityContext ctx) {
      // Finding nothing booked by the key is no failure.
      System.out.println(ctx.getName() + " " + ctx.getInput(Booking.class).key());
      return null;
    }
  }
  static DurableTaskGrpcWorkerBuilder configure(DurableTaskGrpcWorkerBuilder worker) {
    worker.addOrchestration(orchestration("BookTrip", BookTrip::new));
    for (String part : List.of("Flight", "Hotel", "Car")) {
      worker.addActivity(activity("Book" + part, () -> new Book(part.toLowerCase())));
      worker.addActivity(activity("Cancel" + part, Cancel::new));
    }
    return worker;
  }

  public static void main(String[] args) throws Exception {
    String connection = System.getenv().getOrDefault(
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None");
    configure(DurableTaskSchedulerWorkerExtensions.createWorkerBuilder(connection)).build().start();
    DurableTaskClient client = DurableTaskSchedulerClientExtensions.createClientBuilder(connection).build();
    Trip trip = new Trip("trip-1", "Lisbon", "none");
    String id = client.scheduleNewOrchestrationInstance("BookTrip", trip);
    System.out.println(client.waitForInstanceCompletion(id, Duration.ofMinutes(5), true).getSerializedOutput());
    System.exit(0);
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
