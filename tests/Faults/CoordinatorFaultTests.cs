using Npgsql;

namespace Factory.Faults;

/// <summary>Coordinators that die at the worst moment, and several of them.</summary>
public sealed class CoordinatorFaultTests(Peace peace)
{
    [Fact]
    public async Task CoordinatorKilledAtCommit_CommitsTheResultOnceAfterItsReturn()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.SubmitAsync();
        Service coordinator = await factory.CoordinatorAsync(1);
        await factory.WorkerAsync();
        await factory.ShardsAsync(1);
        await using (NpgsqlConnection connection = await factory.ConnectAsync())
        {
            // Every commit of a shard now stops in the middle of its transaction.
            await using NpgsqlTransaction blocking = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (NpgsqlCommand command = new("lock table samples in share row exclusive mode", connection, blocking)) await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await factory.UntilAsync("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()", count => count > 0);
            coordinator.KillHard();
        }
        await factory.CoordinatorAsync(1);

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task OnlyCoordinatorKilledAndRestarted_RunGoesOn()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service other = await factory.CoordinatorAsync(1);
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        factory.Coordinator.KillHard();
        await factory.ShardsAsync(4);
        other.KillHard();
        await factory.CoordinatorAsync();

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task TwoCoordinators_TheOneThatDispatchesDies_TheOtherTakesOver()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service second = await factory.CoordinatorAsync(1);
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        factory.Coordinator.KillHard();
        await second.SeeAsync("This coordinator dispatches now");

        await factory.ShouldEndAsInPeaceAsync(coordinator: 1);
    }

    [Fact]
    public async Task RollingRestartOfEverything_LosesNothing()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service second = await factory.CoordinatorAsync(1);
        Service[] workers = await Task.WhenAll(factory.WorkerAsync(), factory.WorkerAsync());
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);
        foreach (Service worker in workers)
        {
            await worker.EndAsync();
            await factory.WorkerAsync();
        }
        await factory.Coordinator.EndAsync();
        await factory.CoordinatorAsync();
        await second.EndAsync();

        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync("select count(*) from attempts where outcome = 'lost'")).ShouldBe(0);
    }
}
