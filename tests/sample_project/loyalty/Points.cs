using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Shop.Loyalty;

// The loyalty app, on Azure Durable Functions for .NET.
public static class Points
{
    [Function(nameof(AwardPoints))]
    public static async Task<int> AwardPoints([OrchestrationTrigger] TaskOrchestrationContext context, Purchase purchase)
    {
        DateTime until = DateTime.UtcNow.AddYears(1);
        int points = Tariff.PointsFor(purchase.Amount);
        await context.CallActivityAsync(nameof(BookPoints), new Award(purchase.Customer, points, until));
        return points;
    }

    // Nothing is wrong here: the clock is durable, the timer is waited for.
    [Function(nameof(ExpirePoints))]
    public static async Task ExpirePoints([OrchestrationTrigger] TaskOrchestrationContext context, Award award)
    {
        await context.CreateTimer(context.CurrentUtcDateTime.AddYears(1), CancellationToken.None);
        await context.CallActivityAsync(nameof(BookPoints), award with { Points = -award.Points });
    }

    [Function(nameof(BookPoints))]
    public static void BookPoints([ActivityTrigger] Award award) => Console.WriteLine(award);
}

public record Purchase(string Customer, decimal Amount);

public record Award(string Customer, int Points, DateTime Until);
