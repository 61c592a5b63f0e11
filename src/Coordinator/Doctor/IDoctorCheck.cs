namespace Factory.Coordinator.Doctor;

/// <summary>One thing that must be right before work can be done.</summary>
public interface IDoctorCheck
{
    /// <summary>What is looked at, in a word or two.</summary>
    string Name { get; }

    /// <summary>Looks. Whatever is thrown counts as a fault.</summary>
    Task<CheckResult> RunAsync(CancellationToken cancellationToken);
}

/// <summary>What a check found.</summary>
/// <param name="Finding">What is so, in one line, without secrets.</param>
/// <param name="Remedy">What to do about it; null when all is well.</param>
public sealed record CheckResult(string Finding, string? Remedy)
{
    /// <summary>Whether nothing need be done.</summary>
    public bool IsOk => Remedy is null;

    /// <summary>All is well.</summary>
    public static CheckResult Ok(string finding) => new(finding, null);

    /// <summary>Something is wrong.</summary>
    public static CheckResult Fault(string finding, string remedy) => new(finding, remedy);
}
