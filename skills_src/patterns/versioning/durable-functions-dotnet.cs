using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Refund(string RefundId, decimal Amount);
public record RefundResult(string RefundId, string Status, bool Checked);

public static class Versioning
{
    [Function(nameof(ProcessRefund))]
    public static async Task<RefundResult> ProcessRefund(
        [OrchestrationTrigger] TaskOrchestrationContext context, Refund refund)
    {
        // Fixed when the instance was scheduled; none is older than any. Dotted numbers only: "v2" compares as text.
        bool checksFraud = context.CompareVersionTo("2.0.0") >= 0;
        if (checksFraud && await context.CallActivityAsync<bool>(nameof(CheckFraud), refund))
        {
            return new RefundResult(refund.RefundId, "refused", true);
        }

        await context.CallActivityAsync<string>(nameof(RefundPayment), refund); // the old path, kept
        return new RefundResult(refund.RefundId, "refunded", checksFraud);
    }

    [Function(nameof(CheckFraud))]
    public static bool CheckFraud([ActivityTrigger] Refund refund) =>
        refund.Amount > 1000;

    // Under the refund's id, so that it counts once.
    [Function(nameof(RefundPayment))]
    public static string RefundPayment([ActivityTrigger] Refund refund) =>
        $"refund-{refund.RefundId}";

    [Function("StartProcessRefund")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "refunds")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Refund? refund = await request.ReadFromJsonAsync<Refund>();
        if (refund is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        // Without Version the instance gets "defaultVersion" of host.json, if that is set.
        string id = await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(ProcessRefund), refund, new StartOrchestrationOptions { Version = "2.0.0" });
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}
