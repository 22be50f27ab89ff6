using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Expense(string ExpenseId, decimal Amount, int TimeoutS);
public record Question(string ExpenseId, string InstanceId, string Event);
public record Decision(bool Approved, string? By);
public record Outcome(string ExpenseId, string Status, string? By);

public static class HumanInteraction
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web); // names in any case

    [Function(nameof(ApproveExpense))]
    public static async Task<Outcome> ApproveExpense(
        [OrchestrationTrigger] TaskOrchestrationContext context, Expense expense)
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

    // Send a message with a link to whoever decides; the link raises the event.
    [Function(nameof(RequestApproval))]
    public static string RequestApproval([ActivityTrigger] Question question) =>
        $"asked to raise {question.Event} on {question.InstanceId}";

    [Function(nameof(EscalateExpense))]
    public static string EscalateExpense([ActivityTrigger] Question question) =>
        $"asked the manager to raise {question.Event} on {question.InstanceId}";

    // Whoever holds the function key can answer. Check who is asking, and that it is the approver of this expense.
    [Function("AnswerExpense")]
    public static async Task<HttpResponseData> Answer(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "expenses/{id}/{question}")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        string id,
        string question)
    {
        if (question is not ("approval" or "manager_approval"))
        {
            return request.CreateResponse(HttpStatusCode.NotFound);
        }

        // Not as text: that would be encoded twice.
        await client.RaiseEventAsync(id, question, await request.ReadFromJsonAsync<JsonElement>());
        return request.CreateResponse(HttpStatusCode.Accepted);
    }
}

public static class ApprovalStart
{
    [Function("StartApproveExpense")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "expenses")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Expense? expense = await request.ReadFromJsonAsync<Expense>();
        if (expense is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(HumanInteraction.ApproveExpense), expense);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}
