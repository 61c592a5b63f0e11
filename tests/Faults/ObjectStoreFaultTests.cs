using Factory.Tests.Servers;

namespace Factory.Faults;

/// <summary>A bucket that refuses, crawls, or cuts uploads for a while.</summary>
public sealed class ObjectStoreFaultTests(Peace peace)
{
    public static TheoryData<string> Faults => ["refuses", "is slow", "cuts uploads", "does not answer"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task StoreThat(string fault)
    {
        S3Server server = await peace.S3Async();
        await using FaultProxy proxy = FaultProxy.Start(server);
        S3Access direct = await server.CreateBucketAsync();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace, direct);
        // The worker alone goes by way of the fault.
        factory.Use(direct with { Endpoint = new($"http://127.0.0.1:{proxy.Port}") });
        await factory.WorkerAsync(("Objects__S3__Retries", "1"), ("Objects__S3__RequestTimeout", "00:00:05"));
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        proxy.Fault = fault switch
        {
            "refuses" => Fault.Refuse,
            "is slow" => Fault.Throttle(100_000),
            "cuts uploads" => Fault.CutAfter(20_000),
            _ => Fault.BlackHole,
        };
        proxy.CutConnections();
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        proxy.Fault = Fault.None;

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task CorpusInABucket_IsExportedToAnotherAndVerified()
    {
        S3Server server = await peace.S3Async();
        S3Access bucket = await server.CreateBucketAsync(), target = await server.CreateBucketAsync();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace, bucket);
        await Task.WhenAll(factory.WorkerAsync(), factory.WorkerAsync());
        await factory.SubmitAsync();
        await factory.ShouldEndAsInPeaceAsync();
        factory.Environment("FACTORY_S3_ENDPOINT", server.Endpoint.ToString());
        factory.Environment("FACTORY_S3_ACCESS_KEY", target.AccessKey);
        factory.Environment("FACTORY_S3_SECRET_KEY", target.SecretKey);

        await factory.CommandAsync("corpus", "export", "1", $"s3://{target.Bucket}/released");
        string verified = await factory.CommandAsync("verify", $"s3://{target.Bucket}/released");

        verified.ShouldContain(peace.Digest);
    }
}
