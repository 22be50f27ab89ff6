import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

final class BookTrip implements TaskOrchestration {
  @Override
  public void run(TaskOrchestrationContext ctx) {
    Booking booking = Booking.of(ctx.getInput(String.class));
    Deque<String> undo = new ArrayDeque<>();
    try {
      for (String part : List.of("Flight", "Hotel", "Car")) {
        undo.push("Cancel" + part);
        ctx.callActivity("Book" + part, booking).await();
      }
      ctx.complete("booked");
    } catch (TaskFailedException failure) {
      for (String cancel : undo) {
        ctx.callActivity(cancel, booking).await();
      }
      ctx.complete("canceled");
    }
  }
}
