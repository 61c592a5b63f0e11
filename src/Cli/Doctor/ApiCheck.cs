using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;

namespace Factory.Cli.Doctor;

/// <summary>Whether the coordinator answers, lets this command in, and is of its version.</summary>
/// <param name="url">The address, as configured.</param>
/// <param name="key">The API key, as configured; null: none is shown.</param>
internal sealed class ApiCheck(string url, string? key = null) : IDoctorCheck
{
    private const int Unauthorized = 401;
    private const int Forbidden = 403;
    private const int NotFound = 404;
    private const int TooManyRequests = 429;

    /// <inheritdoc/>
    public string Name => "coordinator";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            return CheckResult.Fault($"FACTORY_URL is '{url}', which is no address", "write it like http://127.0.0.1:5080");
        }
        try
        {
            using FactoryClient client = new(address, key);
            CoordinatorVersion coordinator = await client.GetAsync<CoordinatorVersion>(Routes.Version, cancellationToken);
            return Compare(address, coordinator.Build, FactoryBuild.Current);
        }
        catch (CliException refusal)
        {
            return CheckResult.Fault(refusal.Message, Remedy(refusal.Status));
        }
    }

    /// <summary>Judges the coordinator's build; the revision behind a version may differ.</summary>
    internal static CheckResult Compare(Uri address, string coordinator, string own) => Version(coordinator) == Version(own)
        ? CheckResult.Ok($"{address.GetLeftPart(UriPartial.Authority)} answers, version {coordinator}")
        : CheckResult.Fault($"the coordinator is version {coordinator}, this command version {own}", "use a command of the coordinator's version");

    private static string Version(string build) => build.Split('+', 2)[0];

    private static string Remedy(int? status) => status switch
    {
        null => "start the coordinator, or set FACTORY_URL to where it is",
        Unauthorized => "set FACTORY_API_KEY to a key the coordinator knows",
        Forbidden => "set FACTORY_API_KEY to a key that may do this",
        NotFound => "FACTORY_URL leads to another program, or to an older coordinator",
        TooManyRequests => "wait a minute, and see that nobody here goes on showing a false FACTORY_API_KEY",
        _ => "see the coordinator's log",
    };
}
