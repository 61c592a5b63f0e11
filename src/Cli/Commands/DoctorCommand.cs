using System.CommandLine;
using System.Text.Json;
using Factory.Cli.Doctor;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;
using Microsoft.Extensions.Configuration;

namespace Factory.Cli.Commands;

/// <summary><c>factory doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Write a JSON array of findings: check, finding, and where there is a fault remedy." };
        Command command = new("doctor", "Check everything that is configured by environment: coordinator with all that it works with, workers, database, broker, object store; without any of it, what an embedded factory needs. Exit code 1 with a fault.") { json };
        command.Does(async (arguments, cancellationToken) =>
        {
            IConfiguration environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
            IReadOnlyList<DoctorFinding> findings = await DoctorChecks.ExamineAsync(environment, arguments.GetValue(Shared.Data)!, arguments.GetValue(Shared.Device)!, cancellationToken);
            if (arguments.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(findings, ContractJson.Options));
            else Tables.Print(DoctorView.Table(findings), "nothing to check");
            return findings.All(finding => finding.Remedy is null) ? 0 : 1;
        });
        return command;
    }
}
