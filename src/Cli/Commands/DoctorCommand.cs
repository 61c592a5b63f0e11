using System.CommandLine;
using Factory.Cli.Doctor;
using Factory.Cli.Output;
using Microsoft.Extensions.Configuration;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Command command = new("doctor", "Check everything that is configured by environment: coordinator, workers, database, broker, object store; without any of it, what an embedded factory needs.");
        command.Does(async (arguments, cancellationToken) =>
        {
            IConfiguration environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
            IReadOnlyList<(string Name, CheckResult Result)> findings = await Examination.RunAsync(
                DoctorChecks.For(environment, arguments.GetValue(Shared.Data)!, arguments.GetValue(Shared.Device)!), TimeProvider.System, cancellationToken);
            Tables.Print(DoctorView.Table(findings), "nothing to check");
            return findings.All(finding => finding.Result.IsOk) ? 0 : 1;
        });
        return command;
    }
}
