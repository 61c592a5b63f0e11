using Factory.Cli.Commands;
using Factory.Storage.Manifests;
using Factory.Storage.Objects.S3;

namespace Factory.Cli.Tests.Commands;

public sealed class CorpusPlaceTests : IDisposable
{
    private static readonly string[] Names = ["ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "REGION"];

    public void Dispose() => Set("", "", "", "");

    [Fact]
    public void FolderAndBucket_AreToldApart()
    {
        Set("http://127.0.0.1:9000", "key", "secret", "eu");
        using ICorpusPlace folder = CorpusPlace.Open("some/folder"), bucket = CorpusPlace.Open("s3://images/corpora/one/");
        folder.ShouldBeOfType<FolderPlace>().Name.ShouldBe("some/folder");
        bucket.ShouldBeOfType<S3CorpusPlace>().Name.ShouldBe("s3://images/corpora/one at http://127.0.0.1:9000");
    }

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3://bucket")]
    [InlineData("s3://bucket/")]
    public void BucketWithoutPrefix_IsRefused(string path) => Should.Throw<CliException>(() => CorpusPlace.Open(path)).Message.ShouldContain("s3://bucket/corpora/name");

    [Theory]
    [InlineData("", "key", "secret", "Endpoint")]
    [InlineData("127.0.0.1:9000", "key", "secret", "Endpoint")]
    [InlineData("http://user:pass@host", "key", "secret", "Endpoint")]
    [InlineData("http://host", "", "secret", "AccessKey")]
    [InlineData("http://host", "key", "", "SecretKey")]
    public void EnvironmentThatSaysTooLittle_IsNamed(string endpoint, string key, string secret, string named)
    {
        Set(endpoint, key, secret, "");
        string message = Should.Throw<CliException>(() => CorpusPlace.Open("s3://bucket/one")).Message;
        message.ShouldContain(named);
        message.ShouldContain("FACTORY_S3_ENDPOINT");
        message.ShouldNotContain("pass@");
        message.ShouldNotContain("\n");
    }

    private static void Set(params string[] values)
    {
        foreach ((string name, string value) in Names.Zip(values)) Environment.SetEnvironmentVariable("FACTORY_S3_" + name, value);
    }
}
