using Factory.Cli.Hosting;
using Factory.Cli.Tests.Import;

namespace Factory.Cli.Tests.Access;

public sealed class AuditCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Log_IsListedPageByPage()
    {
        await using EmbeddedFactory factory = await EmbeddedFactory.StartAsync(new() { DataFolder = _folder.Root, Work = false }, CancellationToken.None);
        string viewer = (await FactoryCommand.RunAsync(factory.Url, null, "key", "create", "ci", "--role", "viewer")).Output;
        (await FactoryCommand.RunAsync(factory.Url, viewer, "run", "cancel", "1")).Code.ShouldBe(1);

        CommandOutcome first = await FactoryCommand.RunAsync(factory.Url, null, "audit", "list", "--limit", "1");

        first.Code.ShouldBe(0, first.Errors);
        first.Output.ShouldMatch($@"ci \({viewer.Split('_')[1]}\) +127\.0\.0\.1 +run\.cancel +/api/runs/1/cancel +refused: this needs the role operator or admin");
        first.Output.Split('\n')[^1].ShouldBe("more: --before 2");
        CommandOutcome second = await FactoryCommand.RunAsync(factory.Url, null, "audit", "list", "--limit", "1", "--before", "2");
        second.Output.ShouldMatch(@"loopback +127\.0\.0\.1 +key\.create +/api/keys/[0-9a-f]{12} +done");
        second.Output.ShouldNotContain("more:");
        (await FactoryCommand.RunAsync(factory.Url, viewer, "audit", "list")).Errors.ShouldStartWith("error: this needs the role steward or admin;");
        (await FactoryCommand.RunAsync(factory.Url, null, "audit", "list", "--actor", "ci", "--outcome", "done")).Output.ShouldBe("no entries");
    }
}
