using Factory.Storage.Provenance;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.Storage.Tests.Provenance;

public sealed class DatabaseClockTests
{
    private static readonly DateTime Wrong = new(1999, 12, 31, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task OfAFile_IsTheMachines() => (await AskAsync(DatabaseProvider.Sqlite)).ShouldBe(Wrong);

    [Fact]
    public async Task OfAServer_IsTheServers_WhateverTheMachinesSays()
    {
        DateTime now = await AskAsync(DatabaseProvider.PostgreSql);

        now.Kind.ShouldBe(DateTimeKind.Utc);
        (TimeProvider.System.GetUtcNow().UtcDateTime - now).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task OfAServer_IsCountedOnForAWhile_AndThenAskedForAgain()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseProvider.PostgreSql);
        CountedTime time = new();
        await using ServiceProvider services = database.Services(time);
        await using FactoryDbContext context = database.Open();
        IDatabaseClock clock = services.GetRequiredService<IDatabaseClock>();
        DateTime first = await clock.NowAsync(context, CancellationToken.None);

        time.Counted += TimeSpan.FromSeconds(4);
        (await clock.NowAsync(context, CancellationToken.None)).ShouldBe(first + time.Counted);
        time.Counted += TimeSpan.FromHours(1);
        (await clock.NowAsync(context, CancellationToken.None)).ShouldBeLessThan(first + TimeSpan.FromMinutes(1));
    }

    private static async Task<DateTime> AskAsync(DatabaseProvider provider)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(provider);
        await using ServiceProvider services = database.Services(new WrongTime());
        await using FactoryDbContext context = database.Open();
        return await services.GetRequiredService<IDatabaseClock>().NowAsync(context, CancellationToken.None);
    }

    private sealed class WrongTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Wrong;
    }

    /// <summary>A count that a test moves.</summary>
    private sealed class CountedTime : TimeProvider
    {
        public TimeSpan Counted { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Counted.Ticks;
    }
}
