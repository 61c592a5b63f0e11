using Factory.Tests.Servers;

namespace Factory.Faults.Soak;

/// <summary>
/// A factory with two coordinators, two workers and a bucket behind a proxy, and everything that can befall it. What is drawn from one seed is the same each time;
/// what it meets is not.
/// </summary>
internal sealed class Disturbance
{
    private readonly DistributedFactory _factory;
    private readonly FaultProxy _store;
    private readonly RabbitMqServer _broker;
    private readonly PostgresServer _database;
    private readonly Random _random;
    private readonly Service[] _coordinators = new Service[2], _workers = new Service[2];
    private readonly (string Name, Func<Task> Do)[] _faults;

    private Disturbance(DistributedFactory factory, FaultProxy store, RabbitMqServer broker, PostgresServer database, Random random)
    {
        (_factory, _store, _broker, _database, _random) = (factory, store, broker, database, random);
        _faults =
        [
            ("worker killed", () => WorkerAsync(worker => worker.KillHard())),
            ("worker stopped", () => WorkerAsync(worker => worker.EndAsync())),
            ("worker hung", () => HangAsync(Any(_workers))),
            ("coordinator killed", () => CoordinatorAsync(coordinator => coordinator.KillHard())),
            ("coordinator stopped", () => CoordinatorAsync(coordinator => coordinator.EndAsync())),
            ("coordinator hung", () => HangAsync(Any(_coordinators))),
            ("broker restarted", () => RestartAsync(_broker)),
            ("broker frozen", () => FreezeAsync(_broker)),
            ("database restarted", () => RestartAsync(_database)),
            ("database frozen", () => FreezeAsync(_database)),
            ("store refuses", () => StoreAsync(Fault.Refuse)),
            ("store crawls", () => StoreAsync(Fault.Throttle(50_000))),
            ("store cuts", () => StoreAsync(Fault.CutAfter(20_000))),
            ("store is silent", () => StoreAsync(Fault.BlackHole)),
        ];
    }

    /// <summary>Starts everything.</summary>
    /// <param name="factory">Nothing of it is started yet; its bucket is behind <paramref name="store"/>.</param>
    /// <param name="store">The proxy before the bucket.</param>
    /// <param name="peace">The servers.</param>
    /// <param name="random">What is drawn from.</param>
    public static async Task<Disturbance> StartAsync(DistributedFactory factory, FaultProxy store, Peace peace, Random random)
    {
        Disturbance started = new(factory, store, await peace.RabbitMqAsync(), await peace.PostgresAsync(), random);
        for (int number = 0; number < 2; number++) started._coordinators[number] = await factory.CoordinatorAsync(number);
        for (int number = 0; number < 2; number++) started._workers[number] = await factory.WorkerAsync();
        return started;
    }

    /// <summary>Does one thing, and undoes it; afterwards everything runs again.</summary>
    /// <returns>What was done.</returns>
    public async Task<string> DisturbAsync()
    {
        await PauseAsync(0.5, 5);
        (string name, Func<Task> fault) = _faults[_random.Next(_faults.Length)];
        await fault();
        return name;
    }

    private Service Any(Service[] services) => services[_random.Next(services.Length)];

    private Task PauseAsync(double least, double most) => Task.Delay(TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())));

    private Task WorkerAsync(Action<Service> end) => WorkerAsync(worker =>
    {
        end(worker);
        return Task.CompletedTask;
    });

    private async Task WorkerAsync(Func<Service, Task> end)
    {
        int number = _random.Next(_workers.Length);
        await end(_workers[number]);
        await PauseAsync(0, 3);
        _workers[number] = await _factory.WorkerAsync();
    }

    private Task CoordinatorAsync(Action<Service> end) => CoordinatorAsync(coordinator =>
    {
        end(coordinator);
        return Task.CompletedTask;
    });

    private async Task CoordinatorAsync(Func<Service, Task> end)
    {
        int number = _random.Next(_coordinators.Length);
        await end(_coordinators[number]);
        await PauseAsync(0, 3);
        // Its port is free when it is gone.
        await _coordinators[number].EndAsync(ask: false);
        _coordinators[number] = await _factory.CoordinatorAsync(number);
    }

    // Longer than a lease at times, and at times shorter.
    private async Task HangAsync(Service service)
    {
        service.Freeze();
        await PauseAsync(1, 10);
        service.Thaw();
    }

    private async Task RestartAsync(ControlledServer server)
    {
        await server.StopAsync();
        await PauseAsync(0, 3);
        await server.StartAsync();
    }

    private async Task FreezeAsync(ControlledServer server)
    {
        await server.PauseAsync();
        await PauseAsync(1, 10);
        await server.ResumeAsync();
    }

    private async Task StoreAsync(Fault fault)
    {
        _store.Fault = fault;
        await PauseAsync(1, 8);
        _store.Fault = Fault.None;
    }
}
