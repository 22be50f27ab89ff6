using Microsoft.DurableTask;

[DurableTask("BookTrip")]
public sealed class BookTrip : TaskOrchestrator<string, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, string city)
    {
        Booking booking = Booking.Of(city);
        Stack<string> undo = new();
        try
        {
            foreach (string part in new[] { "Flight", "Hotel", "Car" })
            {
                undo.Push("Cancel" + part);
                await context.CallActivityAsync("Book" + part, booking);
            }
        }
        catch (TaskFailedException)
        {
            foreach (string cancel in undo)
            {
                await context.CallActivityAsync(cancel, booking);
            }
            return "canceled";
        }
        return "booked";
    }
}
