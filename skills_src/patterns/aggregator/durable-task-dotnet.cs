using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.AzureManaged;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.AzureManaged;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string connection = builder.Configuration["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"]
    ?? "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None";
builder.Services.AddDurableTaskWorker(worker =>
{
    worker.AddTasks(Aggregator.Register);
    worker.UseDurableTaskScheduler(connection);
});
builder.Services.AddDurableTaskClient(durable => durable.UseDurableTaskScheduler(connection));
using IHost host = builder.Build();
await host.StartAsync();
DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
await Aggregator.Deposit(client, "A-1", 10, "r-1");
string id = await client.ScheduleNewOrchestrationInstanceAsync(
    nameof(CounterAccount), new AccountRequest("A-1", [70, 50], 30));
OrchestrationMetadata done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
Console.WriteLine(done.SerializedOutput);
Console.WriteLine(await Aggregator.Read(client, "A-1"));
await host.StopAsync();

record Movement(decimal Amount, string RequestId);
record Withdrawal(bool Accepted, decimal Balance);

sealed class AccountState
{
    public decimal Balance { get; set; }
    public List<string> Seen { get; set; } = [];
}

// Each public method is an operation. They run one at a time; one that throws leaves the state as it was.
sealed class Account : TaskEntity<AccountState>
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

record AccountRequest(string AccountId, decimal[] Deposits, decimal Withdrawal);

sealed class CounterAccount : TaskOrchestrator<AccountRequest, Withdrawal>
{
    public override async Task<Withdrawal> RunAsync(TaskOrchestrationContext context, AccountRequest request)
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
}

static class Aggregator
{
    public static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestrator<CounterAccount>()
        .AddEntity<Account>(); // named "account": entity names are lower case

    public static Task Deposit(DurableTaskClient client, string accountId, decimal amount, string requestId) =>
        client.Entities.SignalEntityAsync(
            new EntityInstanceId(nameof(Account), accountId), nameof(Account.Deposit), new Movement(amount, requestId));

    public static async Task<decimal> Read(DurableTaskClient client, string accountId)
    {
        EntityInstanceId account = new(nameof(Account), accountId);
        EntityMetadata<AccountState>? found = await client.Entities.GetEntityAsync<AccountState>(account);
        return found?.State.Balance ?? 0; // may be a little old
    }
}
