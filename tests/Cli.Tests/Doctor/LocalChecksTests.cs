using Factory.Cli.Doctor;
using Factory.Cli.Hosting;
using Factory.Cli.Tests.Import;
using Factory.Coordinator.Doctor;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace Factory.Cli.Tests.Doctor;

public sealed class LocalChecksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FolderThatCanBeWritten_IsWellAndLeftAsItWas()
    {
        CheckResult result = await new DataFolderCheck(_folder.Root).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
        Directory.EnumerateFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task FolderThatDoesNotExistYet_IsWellAndNotMade()
    {
        string path = Path.Combine(_folder.Root, "a", "b");

        CheckResult result = await new DataFolderCheck(path).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
        result.Finding.ShouldContain("does not exist yet");
        Directory.Exists(Path.GetDirectoryName(path)).ShouldBeFalse();
    }

    [Fact]
    public async Task FolderThatIsAFile_IsAFault()
    {
        string path = Path.Combine(_folder.Root, "file");
        await File.WriteAllTextAsync(path, "");

        (await new DataFolderCheck(path).RunAsync(CancellationToken.None)).Remedy.ShouldNotBeNull().ShouldContain("--data");
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_IsAFault()
    {
        // Not even root writes there.
        Assert.SkipUnless(Directory.Exists("/proc/self"), "there is no /proc here");

        CheckResult result = await new DataFolderCheck("/proc/self/factory-data").RunAsync(CancellationToken.None);

        result.Finding.ShouldContain("cannot be written");
        result.IsOk.ShouldBeFalse();
    }

    [Fact]
    public async Task DatabaseThatDoesNotExistYet_IsWellAndNotMade()
    {
        CheckResult result = await new DatabaseFileCheck(_folder.Root).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
        Directory.EnumerateFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("SELECT 1", true, "up to date")]
    [InlineData("DELETE FROM \"__EFMigrationsHistory\" WHERE rowid = (SELECT max(rowid) FROM \"__EFMigrationsHistory\")", true, "older than this program by 1 migration")]
    [InlineData("INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_FromTheFuture', '1')", false, "newer than this program")]
    public async Task DatabaseOfAnotherBuild_IsAFaultWhereItIsNewer(string change, bool ok, string finding)
    {
        await using (FactoryDbContext database = FactoryDatabase.Open(new() { ConnectionString = $"Data Source={DataFolder.DatabaseOf(_folder.Root)};Pooling=False" }))
        {
            await database.MigrateAsync(CancellationToken.None);
            await database.Database.ExecuteSqlRawAsync(change);
        }

        CheckResult result = await new DatabaseFileCheck(_folder.Root).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBe(ok, result.ToString());
        result.Finding.ShouldContain(finding);
    }

    [Fact]
    public async Task DatabaseThatIsNone_IsAFaultAndLeftAsItWas()
    {
        string file = DataFolder.DatabaseOf(_folder.Root), text = new('x', 10_000);
        await File.WriteAllTextAsync(file, text);

        CheckResult result = await new DatabaseFileCheck(_folder.Root).RunAsync(CancellationToken.None);

        result.Remedy.ShouldNotBeNull(result.ToString()).ShouldContain("put back a copy");
        (await File.ReadAllTextAsync(file)).ShouldBe(text);
    }

    [Fact]
    public async Task DiskWithoutRoom_IsAFault()
    {
        (await new DiskSpaceCheck(_folder.Root, "FACTORY_DATA", leastBytes: 1).RunAsync(CancellationToken.None)).IsOk.ShouldBeTrue();
        (await new DiskSpaceCheck(_folder.Root, "FACTORY_DATA", leastBytes: long.MaxValue).RunAsync(CancellationToken.None)).Remedy.ShouldNotBeNull().ShouldContain("GiB at least");
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    public async Task DeviceThatHasNoSuchName_IsAFault(string device) =>
        (await new TorchCheck(device).RunAsync(CancellationToken.None)).Remedy.ShouldNotBeNull().ShouldContain("FACTORY_DEVICE");

    [Theory]
    [InlineData("Port", "0", "Transport__Port")]
    [InlineData("Port", "many", "Transport__Port")]
    [InlineData("User", "", "Transport__User")]
    [InlineData("Password", "", "Transport__Password")]
    public async Task BrokerSettingsThatAreMissingOrWrong_AreAFault(string key, string value, string named)
    {
        CheckResult result = await Broker((key, value)).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeFalse();
        result.Finding.ShouldContain(named);
        result.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task BrokerThatIsNotThere_IsAFaultWithoutSecrets()
    {
        CheckResult result = await Broker(("Port", "9")).RunAsync(CancellationToken.None);

        result.Finding.ShouldContain("amqp://127.0.0.1:9/ cannot be reached");
        result.ToString().ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("3.9.13", false)]
    [InlineData("3.10.8", true)]
    [InlineData("4.0.2", true)]
    [InlineData("", true)]
    public void BrokerThatIsTooOld_IsAFault(string version, bool ok) => BrokerCheck.Judge("amqp://here", version).IsOk.ShouldBe(ok);

    private static BrokerCheck Broker(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> values = new() { ["Transport:Host"] = "127.0.0.1", ["Transport:User"] = "factory", ["Transport:Password"] = "secret" };
        foreach ((string key, string value) in settings) values["Transport:" + key] = value;
        return new(new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Transport"));
    }
}
