using System.CommandLine;
using Factory.Cli.Hosting;
using Microsoft.Extensions.Logging;

namespace Factory.Cli.Commands;

/// <summary><c>factory serve</c>: an embedded factory that stays up.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Option<int> port = new("--port") { Description = "Port of the API, on loopback only.", DefaultValueFactory = _ => 5080 };
        Command command = new("serve", "Keep an embedded factory up: its API on loopback, its worker on this machine's device.") { port };
        command.Does(async (arguments, cancellationToken) =>
        {
            Place place = Shared.PlaceOf(arguments) with { Url = null };
            await using EmbeddedFactory factory = await EmbeddedFactory.StartAsync(
                new() { DataFolder = place.DataFolder, Work = true, Device = place.Device, Port = arguments.GetValue(port), LogLevel = LogLevel.Information }, cancellationToken);
            Console.WriteLine($"listening on {factory.Url} (loopback only, no authentication); other shells reach it with FACTORY_URL={factory.Url.GetLeftPart(UriPartial.Authority)}");
            // Being told to stop is how serving ends, not how it fails.
            await factory.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        });
        return command;
    }
}
