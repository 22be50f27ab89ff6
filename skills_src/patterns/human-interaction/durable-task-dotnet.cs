using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(HumanInteraction.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(ApproveExpense), new Expense("expense-1", 480, TimeoutS: 3600));
await HumanInteraction.Approve(client, id, "ada");
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Expense(string ExpenseId, decimal Amount, int TimeoutS);
record Question(string ExpenseId, string InstanceId, string Event);
record Decision(bool Approved, string? By);
record Outcome(string ExpenseId, string Status, string? By);

sealed class ApproveExpense : TaskOrchestrator<Expense, Outcome>
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web); // names in any case

    public override async Task<Outcome> RunAsync(TaskOrchestrationContext context, Expense expense)
    {
        TimeSpan patience = TimeSpan.FromSeconds(expense.TimeoutS);
        Question question = new(expense.ExpenseId, context.InstanceId, "approval");
        await context.CallActivityAsync<string>(nameof(RequestApproval), question);
        Decision? decision = await AnswerInTime(context, question.Event, patience);
        if (decision is null)
        {
            // Another name: the wait that timed out would swallow an "approval" that comes before the next wait.
            question = question with { Event = "manager_approval" };
            await context.CallActivityAsync<string>(nameof(EscalateExpense), question);
            decision = await AnswerInTime(context, question.Event, patience);
        }

        string status = decision is null ? "timed_out" : decision.Approved ? "approved" : "rejected";
        return new Outcome(expense.ExpenseId, status, decision?.By);
    }

    // Null when time is up. An event that came before the wait is still there.
    static async Task<Decision?> AnswerInTime(TaskOrchestrationContext context, string name, TimeSpan patience)
    {
        using CancellationTokenSource timerEnds = new();
        Task timer = context.CreateTimer(patience, timerEnds.Token);
        Task<JsonElement?> answer = context.WaitForExternalEvent<JsonElement?>(name);
        if (await Task.WhenAny(answer, timer) == timer)
        {
            return null;
        }

        timerEnds.Cancel(); // else the instance lives on until the timer fires
        try
        {
            return (await answer)?.Deserialize<Decision>(Web) ?? new Decision(false, null);
        }
        catch (JsonException)
        {
            // From outside: whatever has another shape is no approval. Awaited as Decision it would fail the instance.
            return new Decision(false, null);
        }
    }
}

sealed class RequestApproval : TaskActivity<Question, string>
{
    // Send a message with a link to whoever decides; the link raises the event.
    public override Task<string> RunAsync(TaskActivityContext context, Question question) =>
        Task.FromResult($"asked to raise {question.Event} on {question.InstanceId}");
}

sealed class EscalateExpense : TaskActivity<Question, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Question question) =>
        Task.FromResult($"asked the manager to raise {question.Event} on {question.InstanceId}");
}

static class HumanInteraction
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<ApproveExpense>()
        .AddActivity<RequestApproval>()
        .AddActivity<EscalateExpense>();

    public static Task Approve(DurableTaskClient client, string instanceId, string by) =>
        client.RaiseEventAsync(instanceId, "approval", new Decision(true, by));
}
