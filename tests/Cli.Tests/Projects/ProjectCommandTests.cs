using Factory.Cli.Commands;
using Factory.Cli.Hosting;
using Factory.Cli.Tests.Access;
using Factory.Cli.Tests.Import;

namespace Factory.Cli.Tests.Projects;

public sealed class ProjectCommandTests : IDisposable
{
    private readonly TemporaryFolder _data = new(), _images = new();

    public void Dispose()
    {
        _data.Dispose();
        _images.Dispose();
    }

    [Fact]
    public async Task Project_IsMadeListedShownAndSet()
    {
        await using EmbeddedFactory factory = await StartAsync();

        (await RunAsync(factory, "project", "create", "clinic", "--images", "2000", "--bytes", "1.5GB")).Output.ShouldEndWith("quota 2,000\nbytes: 0; quota 1,500,000,000");
        (await RunAsync(factory, "project", "set", "clinic", "--images", "none")).Output.ShouldContain("images: 0, 0 more reserved by runs; quota none\nbytes: 0; quota 1,500,000,000");

        (await RunAsync(factory, "project", "show", "clinic")).Output.ShouldContain("quota 1,500,000,000");
        string listed = (await RunAsync(factory, "project", "list")).Output;
        listed.ShouldMatch(@"clinic +0 +none +0 +0 +1,500,000,000");
        listed.ShouldMatch(@"default +0 +none +0 +0 +none");
        (await FactoryCommand.RunAsync(factory.Url, null, "project", "set", "north", "--images", "1")).ShouldBe(new(1, "", "error: there is no project 'north'; see factory project list."));
    }

    [Fact]
    public async Task ImportThatHasNoRoom_IsToldBeforeItUploads()
    {
        Fill(6);
        await using EmbeddedFactory factory = await StartAsync();
        await RunAsync(factory, "project", "create", "clinic", "--images", "5");
        string key = await KeyAsync(factory, "steward", "clinic");

        CommandOutcome refused = await FactoryCommand.RunAsync(factory.Url, key, "collection", "import", _images.Root, "--name", "eyes");

        (refused.Code, refused.Errors.Split('\n')[^1]).ShouldBe((1, "error: project clinic: 0 of 5 images are used; this brings 6 more."));
        (await RunAsync(factory, "project", "show", "clinic")).Output.ShouldContain("bytes: 0;");
        (await RunAsync(factory, "audit", "list", "--action", "import")).Output.ShouldContain("refused: project clinic: 0 of 5 images are used; this brings 6 more.");
    }

    [Fact]
    public async Task ConfinedKey_ImportsAndSees_InItsProjectAlone()
    {
        Fill(6);
        await using EmbeddedFactory factory = await StartAsync();
        foreach (string project in new[] { "clinic", "other" }) await RunAsync(factory, "project", "create", project);
        string clinic = await KeyAsync(factory, "steward", "clinic"), other = await KeyAsync(factory, "steward", "other");

        CommandOutcome imported = await FactoryCommand.RunAsync(factory.Url, clinic, "collection", "import", _images.Root, "--name", "eyes");

        imported.Code.ShouldBe(0, imported.Errors);
        (await FactoryCommand.RunAsync(factory.Url, clinic, "collection", "list")).Output.ShouldMatch(@"clinic +eyes@1 +6 ");
        (await FactoryCommand.RunAsync(factory.Url, other, "collection", "list")).Output.ShouldStartWith("no collections yet");
        (await FactoryCommand.RunAsync(factory.Url, other, "collection", "show", "eyes")).Errors.ShouldStartWith("error: there is no collection eyes; none is imported yet");
        (await FactoryCommand.RunAsync(factory.Url, other, "collection", "list", "--project", "clinic")).Errors.ShouldBe("error: there is no project 'clinic'; see factory project list.");
        // The same files, once more and apart.
        (await FactoryCommand.RunAsync(factory.Url, other, "collection", "import", _images.Root, "--name", "eyes")).Code.ShouldBe(0);
        (await FactoryCommand.RunAsync(factory.Url, null, "collection", "show", "eyes")).Errors.ShouldBe("error: there is a collection eyes in each of the projects clinic, other; say which one is meant (--project).");
        (await RunAsync(factory, "collection", "show", "eyes", "--project", "other")).Output.ShouldStartWith("eyes@1: 6 images");
    }

    [Fact]
    public async Task Key_IsConfinedToSeveralProjects()
    {
        await using EmbeddedFactory factory = await StartAsync();
        foreach (string project in new[] { "clinic", "other" }) await RunAsync(factory, "project", "create", project);

        CommandOutcome created = await RunAsync(factory, "key", "create", "ci", "--role", "viewer", "--project", "clinic", "--project", "other");

        created.Errors.ShouldContain(", ci, viewer in clinic, other, no end;");
        (await RunAsync(factory, "key", "list")).Output.ShouldMatch("ci +viewer +clinic, other ");
        (await FactoryCommand.RunAsync(factory.Url, null, "key", "create", "boss", "--role", "admin", "--project", "clinic")).Errors.ShouldBe("error: the role admin is of the whole factory; it cannot be confined to projects.");
    }

    [Theory]
    [InlineData(null, 7L)]
    [InlineData("none", null)]
    [InlineData("0", 0L)]
    [InlineData("20000", 20_000L)]
    [InlineData("1.5TB", 1_500_000_000_000L)]
    [InlineData("2kB", 2_000L)]
    public void Amount_IsRead(string? text, long? expected) => ProjectCommands.ParseAmount(text, 7).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("1.5")]
    [InlineData("9999999999TB")]
    public void TextThatIsNoAmount_IsRefused(string text) => Should.Throw<CliException>(() => ProjectCommands.ParseAmount(text, null)).Message.ShouldBe($"'{text}' is no amount; write 20000, 1.5TB or none.");

    private void Fill(int images)
    {
        for (int image = 0; image < images; image++) _images.Draw($"{(image % 2 == 0 ? "normal" : "sick")}/{image}.png", image);
    }

    private Task<EmbeddedFactory> StartAsync() => EmbeddedFactory.StartAsync(new() { DataFolder = _data.Root, Work = false }, CancellationToken.None);

    private static async Task<string> KeyAsync(EmbeddedFactory factory, string role, string project) => (await RunAsync(factory, "key", "create", $"{role}-{project}", "--role", role, "--project", project)).Output;

    private static async Task<CommandOutcome> RunAsync(EmbeddedFactory factory, params string[] arguments)
    {
        CommandOutcome outcome = await FactoryCommand.RunAsync(factory.Url, null, arguments);
        outcome.Code.ShouldBe(0, outcome.Errors);
        return outcome;
    }
}
