using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplication.CreateBuilder(args).Build().Run();

public static class Hello
{
    [Function("StartGreet")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(Greet), "world");
        return await client.CreateCheckStatusResponseAsync(request, id);
    }

    [Function(nameof(Greet))]
    public static Task<string> Greet([OrchestrationTrigger] TaskOrchestrationContext context, string name) =>
        context.CallActivityAsync<string>(nameof(SayHello), name);

    [Function(nameof(SayHello))]
    public static string SayHello([ActivityTrigger] string name) => $"Hello {name}";
}
