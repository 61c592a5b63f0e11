using Factory.Cli.Commands;
using Factory.Cli.Hosting;
using Factory.Cli.Tests.Import;

namespace Factory.Cli.Tests.Access;

public sealed class KeyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Key_IsMadeListedAndRevoked()
    {
        await using EmbeddedFactory factory = await StartAsync();

        CommandOutcome created = await FactoryCommand.RunAsync(factory.Url, null, "key", "create", "ci", "--role", "viewer", "--expires", "90d");
        created.Code.ShouldBe(0, created.Errors);
        string key = created.Output, id = key.Split('_')[1];
        key.ShouldStartWith("fct_");
        created.Errors.ShouldStartWith($"key {id}, ci, viewer, expires ");
        created.Errors.ShouldNotContain(key);
        CommandOutcome listed = await FactoryCommand.RunAsync(factory.Url, null, "key", "list");
        listed.Output.ShouldContain(id);
        listed.Output.ShouldNotContain(key);
        (await FactoryCommand.RunAsync(factory.Url, key, "run", "list")).Code.ShouldBe(0);

        (await FactoryCommand.RunAsync(factory.Url, null, "key", "revoke", id)).Output.ShouldStartWith($"key {id}, ci: revoked ");

        CommandOutcome refused = await FactoryCommand.RunAsync(factory.Url, key, "run", "list");
        refused.Code.ShouldBe(1);
        refused.Errors.ShouldStartWith($"error: the API key ci ({id}) was revoked at ");
        refused.Errors.ShouldNotContain("\n");
    }

    [Fact]
    public async Task RoleThatIsTooLow_IsToldInALine()
    {
        await using EmbeddedFactory factory = await StartAsync();
        string key = (await FactoryCommand.RunAsync(factory.Url, null, "key", "create", "ci", "--role", "Operator")).Output;

        CommandOutcome refused = await FactoryCommand.RunAsync(factory.Url, key, "key", "list");

        refused.ShouldBe(new(1, "", $"error: this needs the role admin; ci ({key.Split('_')[1]}) is operator."));
    }

    [Fact]
    public async Task ForeignKey_IsToldInALine()
    {
        await using EmbeddedFactory factory = await StartAsync();

        CommandOutcome refused = await FactoryCommand.RunAsync(factory.Url, "a-key-of-somewhere-else", "run", "list");

        refused.ShouldBe(new(1, "", "error: the API key is not one of this coordinator's; set FACTORY_API_KEY (Authorization: Bearer KEY)."));
    }

    [Theory]
    [InlineData("a-key-and\na-line-of-something-else")]
    [InlineData("clé-de-la-clinique")]
    public async Task TextThatNoKeyCanBe_IsToldInALine_AndNotRepeated(string key)
    {
        CommandOutcome refused = await FactoryCommand.RunAsync(new("http://127.0.0.1:9"), key, "run", "list");

        refused.ShouldBe(new(1, "", "error: FACTORY_API_KEY is no key: it has spaces, line breaks or characters that are not ASCII within."));
    }

    [Fact]
    public async Task LineBreakAfterAKey_IsNoPartOfIt()
    {
        await using EmbeddedFactory factory = await StartAsync();
        string key = (await FactoryCommand.RunAsync(factory.Url, null, "key", "create", "ci", "--role", "viewer")).Output;

        (await FactoryCommand.RunAsync(factory.Url, key + "\n", "run", "list")).Code.ShouldBe(0);
    }

    [Theory]
    [InlineData("90d", "2026-04-01T12:00:00")]
    [InlineData("2027-01-31", "2027-01-31T00:00:00")]
    [InlineData("2027-01-31T12:30Z", "2027-01-31T12:30:00")]
    public void Expiry_IsDaysOrATime(string text, string expected)
    {
        DateTime parsed = KeyCommands.ParseExpiry(text, new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

        (parsed.ToString("s"), parsed.Kind).ShouldBe((expected, DateTimeKind.Utc));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0d")]
    [InlineData("-3d")]
    [InlineData("99999d")]
    [InlineData("31.01.2027")]
    public void ExpiryThatIsNone_IsAMistake(string text) =>
        Should.Throw<CliException>(() => KeyCommands.ParseExpiry(text, DateTimeOffset.UnixEpoch)).Message.ShouldContain($"'{text}' is no time");

    private Task<EmbeddedFactory> StartAsync() => EmbeddedFactory.StartAsync(new() { DataFolder = _folder.Root, Work = false }, CancellationToken.None);
}
