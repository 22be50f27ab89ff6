import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

public class Saga {
  static final TaskOptions STEP = new TaskOptions(new RetryPolicy(2, Duration.ofSeconds(1)));
  static final TaskOptions UNDO = new TaskOptions(
      new RetryPolicy(6, Duration.ofSeconds(1)).setBackoffCoefficient(2).setMaxRetryInterval(Duration.ofMinutes(1)));

  public static class Trip {
    public String tripId;
    public String city;
    public String soldOut;
  }

  public static class Booking {
    public String key;
    public Trip trip;
  }

  public static class Outcome {
    public String status = "booked";
    public String failed;
    public List<String> notUndone = new ArrayList<>();
  }

  @FunctionName("BookTrip")
  public Outcome bookTrip(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Booking booking = new Booking();
    booking.key = ctx.newUUID().toString(); // the key of every step and of its undoing
    booking.trip = ctx.getInput(Trip.class);
    Outcome outcome = new Outcome();
    Deque<String> undo = new ArrayDeque<>();
    try {
      for (String part : List.of("Flight", "Hotel", "Car")) {
        undo.push("Cancel" + part); // before the step, by the key: a failed one may have succeeded
        ctx.callActivity("Book" + part, booking, STEP, String.class).await();
      }
    } catch (TaskFailedException failure) {
      outcome.failed = failure.getTaskName();
      for (String cancel : undo) { // last in, first out, one after the other
        try {
          ctx.callActivity(cancel, booking, UNDO).await();
        } catch (TaskFailedException stuck) {
          outcome.notUndone.add(cancel); // for a person to settle
        }
      }
      outcome.status = outcome.notUndone.isEmpty() ? "canceled" : "needs_attention";
    }
    return outcome;
  }

  @FunctionName("BookFlight")
  public String bookFlight(@DurableActivityTrigger(name = "booking") Booking booking) {
    return book("flight", booking);
  }

  @FunctionName("CancelFlight")
  public void cancelFlight(@DurableActivityTrigger(name = "booking") Booking booking) {
    System.out.println("cancel flight " + booking.key); // nothing booked by the key: no failure
  }

  @FunctionName("StartBookTrip")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Trip> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("BookTrip", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }

  @FunctionName("BookHotel")
  public String bookHotel(@DurableActivityTrigger(name = "booking") Booking booking) {
    return book("hotel", booking);
  }

  @FunctionName("CancelHotel")
  public void cancelHotel(@DurableActivityTrigger(name = "booking") Booking booking) {
    System.out.println("cancel hotel " + booking.key);
  }

  @FunctionName("BookCar")
  public String bookCar(@DurableActivityTrigger(name = "booking") Booking booking) {
    return book("car", booking);
  }

  @FunctionName("CancelCar")
  public void cancelCar(@DurableActivityTrigger(name = "booking") Booking booking) {
    System.out.println("cancel car " + booking.key);
  }

  private static String book(String part, Booking booking) {
    if (booking.trip.soldOut.equals(part)) {
      throw new IllegalStateException("no " + part + " left in " + booking.trip.city);
    }
    return part + "-" + booking.key;
  }
}
