using System.Text.Json;
using Factory.Cli.Hosting;
using Factory.Cli.Tests.Access;
using Factory.Cli.Tests.Import;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Tests.Doctor;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Findings_AreATable_OrJson_AndAFaultIsInTheExitCode()
    {
        await using EmbeddedFactory factory = await EmbeddedFactory.StartAsync(new() { DataFolder = _folder.Root, Work = false }, CancellationToken.None);

        CommandOutcome table = await FactoryCommand.RunAsync(factory.Url, null, "doctor"), json = await FactoryCommand.RunAsync(factory.Url, null, "doctor", "--json");

        (table.Code, json.Code).ShouldBe((1, 1), "there is no worker");
        table.Output.ShouldMatch(@"workers +fault +no worker was heard of within a day +start a worker");
        table.Output.ShouldMatch(@"coordinator: database +ok ");
        List<DoctorFinding> findings = JsonSerializer.Deserialize<List<DoctorFinding>>(json.Output, ContractJson.Options)!;
        findings.Where(finding => finding.Remedy is not null).Select(finding => finding.Check).ShouldBe(["workers"]);
    }
}
