using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Hosting;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.Build().Run();

public record Transfer(string From, string To, decimal Amount);

public static class CriticalSection
{
    [Function(nameof(TransferMoney))]
    public static async Task<string> TransferMoney(
        [OrchestrationTrigger] TaskOrchestrationContext context, Transfer transfer)
    {
        if (transfer.From == transfer.To || transfer.Amount <= 0)
        {
            return "refused";
        }

        EntityInstanceId source = new(nameof(Account), transfer.From);
        EntityInstanceId target = new(nameof(Account), transfer.To);
        // One step: the locks are taken in one fixed order. `await using` releases them, also after an exception.
        await using (await context.Entities.LockEntitiesAsync(source, target))
        {
            decimal balance = await context.Entities.CallEntityAsync<decimal>(source, nameof(Account.Get));
            if (balance < transfer.Amount) // decided on what is read inside the lock
            {
                return "refused";
            }

            await context.Entities.CallEntityAsync(source, nameof(Account.Withdraw), transfer.Amount);
            try
            {
                await context.Entities.CallEntityAsync(target, nameof(Account.Deposit), transfer.Amount);
            }
            catch (EntityOperationFailedException) // not a TaskFailedException
            {
                // A lock is no transaction: undo it yourself.
                await context.Entities.CallEntityAsync(source, nameof(Account.Deposit), transfer.Amount);
                return "reverted";
            }
        }

        return "transferred";
    }

    // The function's name is the entity's: "account".
    [Function(nameof(Account))]
    public static Task RunAccount([EntityTrigger] TaskEntityDispatcher dispatcher) =>
        dispatcher.DispatchAsync<Account>();
}

public sealed class AccountState
{
    public decimal Balance { get; set; }
    public bool Closed { get; set; }
}

public sealed class Account : TaskEntity<AccountState>
{
    public decimal Deposit(decimal amount)
    {
        if (State.Closed)
        {
            throw new InvalidOperationException("the account is closed");
        }

        return State.Balance += amount;
    }

    public decimal Withdraw(decimal amount)
    {
        if (amount > State.Balance)
        {
            throw new InvalidOperationException("the balance is too low");
        }

        return State.Balance -= amount;
    }

    public bool Close() => State.Closed = true;

    public decimal Get() => State.Balance;
}

public static class CriticalSectionStart
{
    [Function("StartTransferMoney")]
    public static async Task<HttpResponseData> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "transfers")] HttpRequestData request,
        [DurableClient] DurableTaskClient client)
    {
        Transfer? transfer = await request.ReadFromJsonAsync<Transfer>();
        if (transfer is null)
        {
            return request.CreateResponse(HttpStatusCode.BadRequest);
        }

        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(CriticalSection.TransferMoney), transfer);
        return await client.CreateCheckStatusResponseAsync(request, id);
    }
}
