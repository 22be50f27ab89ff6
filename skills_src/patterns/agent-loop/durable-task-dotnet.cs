using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
builder.Services.AddSingleton(new HttpClient { Timeout = TimeSpan.FromSeconds(60) });
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(AgentLoop.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(ResearchAgent), new Research("Who invented the lamp?", 5));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
await host.StopAsync();

record Research(string Question, int MaxTurns);
record Message(string Role, string Content);
record ToolCall(string Id, string Tool, Dictionary<string, string> Input);
record ModelReply(string? Answer, ToolCall[]? ToolCalls);
record ToolRequest(string Key, Dictionary<string, string> Input);
record Approval(bool Approved);
record AgentResult(string Status, string? Answer, int Turns);

sealed class ResearchAgent : TaskOrchestrator<Research, AgentResult>
{
    const int MaxCallsPerTurn = 5;
    const int MaxResultLength = 4000; // every result is kept in the history and sent again with each turn

    static readonly string[] Tools = { nameof(SearchWeb), nameof(SendReport) };
    static readonly string[] Dangerous = { nameof(SendReport) };
    static readonly TimeSpan ApprovalTime = TimeSpan.FromHours(24);
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web); // names in any case
    static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    public override async Task<AgentResult> RunAsync(TaskOrchestrationContext context, Research request)
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
}

sealed class CallModel(HttpClient http, IConfiguration settings) : TaskActivity<List<Message>, ModelReply>
{
    public override async Task<ModelReply> RunAsync(TaskActivityContext context, List<Message> messages)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, settings["MODEL_URL"]);
        request.Headers.Authorization = new("Bearer", settings["MODEL_KEY"]);
        request.Content = JsonContent.Create(new { messages });
        using HttpResponseMessage response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode(); // what is not 2xx throws and is retried
        return await response.Content.ReadFromJsonAsync<ModelReply>()
            ?? throw new InvalidDataException("the model sent nothing");
    }
}

sealed class SearchWeb(HttpClient http, IConfiguration settings) : TaskActivity<ToolRequest, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, ToolRequest request) =>
        http.GetStringAsync($"{settings["SEARCH_URL"]}?q={Uri.EscapeDataString(request.Input["query"])}");
}

sealed class SendReport : TaskActivity<ToolRequest, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, ToolRequest request)
    {
        // The key lets the mail service drop a second copy.
        Console.WriteLine($"report to {request.Input["to"]} under {request.Key}");
        return Task.FromResult("sent");
    }
}

static class AgentLoop
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<ResearchAgent>()
        .AddActivity<CallModel>()
        .AddActivity<SearchWeb>()
        .AddActivity<SendReport>();
}
