using Factory.Contracts.Api;

namespace Factory.Cli.Doctor;

/// <summary>Has the coordinator examine what it works with: most of it cannot be reached from here.</summary>
internal static class Deployment
{
    private const string Prefix = "coordinator: ";
    private const int Forbidden = 403;
    private const int NotFound = 404;

    /// <summary>The coordinator's findings; one fault where it gives none.</summary>
    /// <param name="url">The coordinator.</param>
    /// <param name="key">The API key, as configured; null: none is shown.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(Uri url, string? key, CancellationToken cancellationToken)
    {
        try
        {
            using FactoryClient client = new(url, key);
            List<DoctorFinding> findings = await client.GetAsync<List<DoctorFinding>>(Routes.Doctor, cancellationToken);
            return findings.ConvertAll(finding => finding with { Check = Prefix + finding.Check });
        }
        catch (CliException refusal)
        {
            return [new() { Check = Prefix + "examination", Finding = refusal.Message, Remedy = Remedy(refusal.Status) }];
        }
    }

    private static string Remedy(int? status) => status switch
    {
        Forbidden => "set FACTORY_API_KEY to a key of role operator or admin",
        NotFound => "bring the coordinator to this command's version",
        _ => "see what is said of the coordinator",
    };
}
