using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record AccountRequest(string AccountId, decimal[] Deposits, decimal Withdrawal);

public static class Aggregator
{
    [Function(nameof(CounterAccount))]
    public static async Task<Withdrawal> CounterAccount(
        [OrchestrationTrigger] TaskOrchestrationContext context, AccountRequest request)
    {
        EntityInstanceId account = new(nameof(Account), request.AccountId);
        for (int i = 0; i < request.Deposits.Length; i++)
        {
            Movement deposit = new(request.Deposits[i], $"{context.InstanceId}:deposit-{i}");
            await context.Entities.SignalEntityAsync(account, nameof(Account.Deposit), deposit); // waits for nothing
        }

        Movement withdrawal = new(request.Withdrawal, $"{context.InstanceId}:withdraw");
        Withdrawal result =
            await context.Entities.CallEntityAsync<Withdrawal>(account, nameof(Account.Withdraw), withdrawal);
        decimal balance = await context.Entities.CallEntityAsync<decimal>(account, nameof(Account.Get));
        return new Withdrawal(result.Accepted, balance);
    }

    // The function's name is the entity's: "account".
    [Function(nameof(Account))]
    public static Task RunAccount([EntityTrigger] TaskEntityDispatcher dispatcher) =>
        dispatcher.DispatchAsync<Account>();

    [Function("Deposit")]
    public static async Task<HttpResponseData> Deposit(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "accounts/{key}/deposits")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        string key)
    {
        Movement? deposit = await request.ReadFromJsonAsync<Movement>();
        if (deposit is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        EntityInstanceId account = new(nameof(Account), key);
        await client.Entities.SignalEntityAsync(account, nameof(Account.Deposit), deposit);
        return request.CreateResponse(HttpStatusCode.Accepted);
    }

    [Function("GetBalance")]
    public static async Task<HttpResponseData> Balance(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "accounts/{key}")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        string key)
    {
        EntityInstanceId account = new(nameof(Account), key);
        EntityMetadata<AccountState>? found = await client.Entities.GetEntityAsync<AccountState>(account);
        HttpResponseData response = request.CreateResponse();
        await response.WriteAsJsonAsync(new { Balance = found?.State.Balance ?? 0 }); // may be a little old
        return response;
    }
}

public record Movement(decimal Amount, string RequestId);
public record Withdrawal(bool Accepted, decimal Balance);

public sealed class AccountState
{
    public decimal Balance { get; set; }
    public List<string> Seen { get; set; } = [];
}

// Each public method is an operation. They run one at a time; one that throws leaves the state as it was.
public sealed class Account : TaskEntity<AccountState>
{
    const int Remembered = 100;

    public decimal Deposit(Movement movement)
    {
        if (!State.Seen.Contains(movement.RequestId)) // a repeated request counts once
        {
            State.Balance += movement.Amount;
            Remember(movement.RequestId);
        }

        return State.Balance;
    }

    public Withdrawal Withdraw(Movement movement)
    {
        if (State.Seen.Contains(movement.RequestId))
        {
            return new Withdrawal(true, State.Balance);
        }

        if (movement.Amount > State.Balance)
        {
            return new Withdrawal(false, State.Balance);
        }

        State.Balance -= movement.Amount;
        Remember(movement.RequestId);
        return new Withdrawal(true, State.Balance);
    }

    public decimal Get() => State.Balance;

    void Remember(string requestId)
    {
        State.Seen.Add(requestId);
        State.Seen.RemoveRange(0, Math.Max(0, State.Seen.Count - Remembered));
    }
}

public static class AggregatorStart
{
    [Function("StartCounterAccount")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "accounts/requests")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        AccountRequest? account = await request.ReadFromJsonAsync<AccountRequest>();
        if (account is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(Aggregator.CounterAccount), account);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}
