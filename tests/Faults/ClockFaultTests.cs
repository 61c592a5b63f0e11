namespace Factory.Faults;

/// <summary>Clocks that are minutes off: many leases, and less than what an object store refuses.</summary>
public sealed class ClockFaultTests(Peace peace)
{
    private const double Minutes = 10;

    [Fact]
    public async Task ClocksOfWorkers_DoNotMatter()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await Task.WhenAll(factory.WorkerAsync(SkewedClock.Ahead(Minutes)), factory.WorkerAsync(SkewedClock.Ahead(-Minutes)));
        await factory.SubmitAsync();

        await ShouldEndWithoutALossAsync(factory);
    }

    [Theory]
    [InlineData(Minutes)]
    [InlineData(-Minutes)]
    public async Task ClockOfTheCoordinatorThatDispatches_DoesNotMatterToWhatTheOtherGrants(double ahead)
    {
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace);
        Service leading = await factory.CoordinatorAsync(0, SkewedClock.Ahead(ahead));
        await leading.SeeAsync("This coordinator dispatches now");
        await factory.CoordinatorAsync(1);
        await Task.WhenAll(factory.WorkerAsync(), factory.WorkerAsync());
        await factory.SubmitAsync();

        await ShouldEndWithoutALossAsync(factory);
    }

    private static async Task ShouldEndWithoutALossAsync(DistributedFactory factory)
    {
        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync("select count(*) from attempts where outcome <> 'committed'")).ShouldBe(0);
        (await factory.CountAsync("select count(*) from attempts where abs(extract(epoch from started_at - now())) > 300 or ended_at < started_at")).ShouldBe(0, "every time is of the database's clock");
    }
}
