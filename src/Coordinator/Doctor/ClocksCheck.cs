using System.Globalization;
using Factory.Storage.Objects.S3;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether the clocks of this coordinator, the database and the S3 server agree. Those of workers are told with the workers.</summary>
/// <param name="databases">The database.</param>
/// <param name="clock">Its clock.</param>
/// <param name="time">This machine's clock.</param>
/// <param name="bucket">The S3 server; null: there is none.</param>
internal sealed class ClocksCheck(IDbContextFactory<FactoryDbContext> databases, IDatabaseClock clock, TimeProvider time, S3Options? bucket) : IDoctorCheck
{
    /// <summary>Clocks that differ by more make times in logs and records hard to compare; by minutes, S3 servers refuse requests.</summary>
    private const double SkewSeconds = 5;

    /// <inheritdoc/>
    public string Name => "clocks";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        List<(string Whose, double Ahead)> others = [("the database", await AheadAsync(() => clock.NowAsync(database, cancellationToken)))];
        if (bucket is not null && await ServerAheadAsync(bucket, cancellationToken) is { } ahead) others.Add(("the S3 server", ahead));
        string finding = string.Join(", ", others.Select(other => string.Create(CultureInfo.InvariantCulture, $"{other.Whose} {other.Ahead:+0.0;-0.0} s")));
        if (bucket is not null && others.Count == 1) finding += "; the S3 server says no time";
        return others.TrueForAll(other => Math.Abs(other.Ahead) <= SkewSeconds)
            ? CheckResult.Ok($"beside this coordinator's: {finding}")
            : CheckResult.Fault($"beside this coordinator's: {finding}", "let all machines take their time from one source (NTP)");
    }

    private async Task<double> AheadAsync(Func<Task<DateTime>> ask)
    {
        DateTime before = time.GetUtcNow().UtcDateTime, told = await ask(), after = time.GetUtcNow().UtcDateTime;
        return (told - before - ((after - before) / 2)).TotalSeconds;
    }

    // Any answer has the server's time, a refusal too; a signed request would be refused for the very fault that is looked for.
    private async Task<double?> ServerAheadAsync(S3Options options, CancellationToken cancellationToken)
    {
        using HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        DateTimeOffset? date = null;
        double ahead = await AheadAsync(async () =>
        {
            using HttpRequestMessage request = new(HttpMethod.Head, options.Endpoint);
            using HttpResponseMessage answer = await client.SendAsync(request, cancellationToken);
            date = answer.Headers.Date;
            // Told in whole seconds, on average half a second ago.
            return (date ?? default).UtcDateTime.AddSeconds(0.5);
        });
        return date is null ? null : ahead;
    }
}
