using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddSingleton(new HttpClient { Timeout = TimeSpan.FromSeconds(60) });
builder.Build().Run();

public record Research(string Question, int MaxTurns);
public record Message(string Role, string Content);
public record ToolCall(string Id, string Tool, Dictionary<string, string> Input);
public record ModelReply(string? Answer, ToolCall[]? ToolCalls);
public record ToolRequest(string Key, Dictionary<string, string> Input);
public record Approval(bool Approved);
public record AgentResult(string Status, string? Answer, int Turns);

public class AgentLoop(HttpClient http, IConfiguration settings)
{
    const int MaxCallsPerTurn = 5;
    const int MaxResultLength = 4000; // every result is kept in the history and sent again with each turn

    static readonly string[] Tools = { nameof(SearchWeb), nameof(SendReport) };
    static readonly string[] Dangerous = { nameof(SendReport) };
    static readonly TimeSpan ApprovalTime = TimeSpan.FromHours(24);
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web); // names in any case
    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(ResearchAgent))]
    public static async Task<AgentResult> ResearchAgent(
        [OrchestrationTrigger] TaskOrchestrationContext context, Research request)
    {
        List<Message> messages = new() { new Message("user", request.Question) };
        for (int turn = 1; turn <= request.MaxTurns; turn++)
        {
            context.SetCustomStatus(new { Turn = turn });
            ModelReply reply = await context.CallActivityAsync<ModelReply>(nameof(CallModel), messages, Retry);
            if (reply.Answer is not null)
            {
                return new AgentResult("answered", reply.Answer, turn);
            }

            ToolCall[] calls = (reply.ToolCalls ?? Array.Empty<ToolCall>()).Take(MaxCallsPerTurn).ToArray();
            List<Task<string>> results = new();
            foreach (ToolCall call in calls)
            {
                if (!Tools.Contains(call.Tool)) // what the model returns is input from outside
                {
                    results.Add(Task.FromResult("there is no such tool"));
                }
                else if (Dangerous.Contains(call.Tool) && !await Approved(context, $"{turn}-{call.Id}", call.Tool))
                {
                    results.Add(Task.FromResult("a person refused it"));
                }
                else
                {
                    // Tools run at least once: the key lets them recognize a repeat.
                    ToolRequest tool = new($"{context.InstanceId}:{turn}:{call.Id}", call.Input);
                    results.Add(context.CallActivityAsync<string>(call.Tool, tool, Retry)); // started, not awaited
                }
            }

            messages.Add(new Message("assistant", JsonSerializer.Serialize(calls)));
            foreach ((ToolCall call, Task<string> running) in calls.Zip(results))
            {
                string result;
                try
                {
                    result = await running;
                }
                catch (TaskFailedException)
                {
                    result = "the tool failed"; // the model is told
                }

                messages.Add(new Message("tool", $"{call.Id}: {result[..Math.Min(result.Length, MaxResultLength)]}"));
            }
        }

        return new AgentResult("gave_up", null, request.MaxTurns);
    }

    // Waits for a person. The event's name means one call of one turn: a late answer does not pass for another.
    static async Task<bool> Approved(TaskOrchestrationContext context, string key, string tool)
    {
        context.SetCustomStatus(new { WaitingFor = $"approval-{key}", Tool = tool });
        try
        {
            JsonElement? answer = await context.WaitForExternalEvent<JsonElement?>($"approval-{key}", ApprovalTime);
            return answer?.Deserialize<Approval>(Web) is { Approved: true };
        }
        catch (TaskCanceledException) // time is up; this overload brings its timer and cancels it
        {
            return false;
        }
        catch (JsonException) // from outside: whatever has another shape is no approval
        {
            return false;
        }
    }

    [Function(nameof(CallModel))]
    public async Task<ModelReply> CallModel([ActivityTrigger] List<Message> messages)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, settings["MODEL_URL"]);
        request.Headers.Authorization = new("Bearer", settings["MODEL_KEY"]);
        request.Content = JsonContent.Create(new { messages });
        using HttpResponseMessage response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode(); // what is not 2xx throws and is retried
        return await response.Content.ReadFromJsonAsync<ModelReply>()
            ?? throw new InvalidDataException("the model sent nothing");
    }

    [Function(nameof(SearchWeb))]
    public Task<string> SearchWeb([ActivityTrigger] ToolRequest request) =>
        http.GetStringAsync($"{settings["SEARCH_URL"]}?q={Uri.EscapeDataString(request.Input["query"])}");

    [Function(nameof(SendReport))]
    public static string SendReport([ActivityTrigger] ToolRequest request) =>
        $"sent to {request.Input["to"]} under {request.Key}"; // the key lets the mail service drop a second copy
}

public static class AgentLoopStart
{
    [Function("StartResearchAgent")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "research")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Research? research = await request.ReadFromJsonAsync<Research>();
        if (research is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(AgentLoop.ResearchAgent), research);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}
