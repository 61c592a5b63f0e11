namespace Factory.Faults;

/// <summary>Services whose settings cannot work: each mistake in a line, exit code 1, no stack trace, no secret.</summary>
public sealed class BadSettingsTests
{
    [Fact]
    public Task Coordinator_WithNothingSet_NamesAllThatIsMissing() => RefusedAsync(
        "Factory.Coordinator", [], "Database:ConnectionString is not set", "Objects:Folder is needed");

    [Fact]
    public Task Coordinator_ThatOthersCouldReach_NeedsAKey() => RefusedAsync(
        "Factory.Coordinator", [("Api__Listen", "http://0.0.0.0:5099"), ("Database__ConnectionString", "Data Source=/tmp/none.db"), ("Objects__Folder", "/tmp")],
        "http://0.0.0.0:5099 can be reached from other machines, and no Api:Key is set");

    [Fact]
    public Task Coordinator_WithAShortKey_IsRefusedWithoutShowingIt() => RefusedAsync(
        "Factory.Coordinator", [("Api__Key", "hush-hush"), ("Database__ConnectionString", "Data Source=/tmp/none.db"), ("Objects__Folder", "/tmp")], "Api:Key must have at least 16 characters");

    [Fact]
    public Task Coordinator_WithoutASchema_SaysHowToMakeIt() => RefusedAsync(
        "Factory.Coordinator", [("Database__ConnectionString", "Data Source=/tmp/there-is-no-such.db"), ("Objects__Folder", Path.GetTempPath())], "factory migrate");

    [Fact]
    public Task Worker_WithSettingsMissing_NamesEach() => RefusedAsync(
        "Factory.GpuWorker", [("Transport__Kind", "RabbitMq"), ("Device__Name", "gpu"), ("Objects__Kind", "S3")],
        "Transport:User is needed", "Transport:Password is needed", "Device:Name must be", "Objects:S3:Endpoint is not set", "Objects:S3:Bucket is not set");

    [Fact]
    public Task ValueOfNoKind_IsNamed() => RefusedAsync("Factory.GpuWorker", [("Objects__Kind", "S4"), ("Objects__Folder", "/tmp")], "Objects:Kind cannot be 'S4'");

    private static async Task RefusedAsync(string program, (string Name, string Value)[] settings, params string[] named)
    {
        using Service service = Service.Start(program, settings.ToDictionary(setting => setting.Name, setting => setting.Value));

        int code = await service.EndAsync(ask: false);

        code.ShouldBe(1, service.Log);
        string[] lines = service.Log.Split('\n');
        foreach (string text in named) lines.Count(line => line.Contains(text, StringComparison.Ordinal)).ShouldBe(1, $"{text} in:\n{service.Log}");
        lines.ShouldAllBe(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal) && !line.Contains("hush-hush", StringComparison.Ordinal));
    }
}
