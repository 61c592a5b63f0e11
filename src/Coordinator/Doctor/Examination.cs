using Factory.Contracts.Api;

namespace Factory.Coordinator.Doctor;

/// <summary>Runs checks side by side; each finding stands whatever the others find.</summary>
public static class Examination
{
    /// <summary>A check that takes longer is a fault.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The findings, in the order of the checks.</summary>
    /// <param name="checks">The checks.</param>
    /// <param name="time">Measures the patience.</param>
    /// <param name="cancellationToken">Ends the examination.</param>
    public static async Task<IReadOnlyList<DoctorFinding>> RunAsync(IEnumerable<IDoctorCheck> checks, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return await Task.WhenAll(checks.Select(async check =>
        {
            CheckResult result = await LookAsync(check, time, cancellationToken);
            return new DoctorFinding { Check = check.Name, Finding = result.Finding, Remedy = result.Remedy };
        }));
    }

    private static async Task<CheckResult> LookAsync(IDoctorCheck check, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            // Some clients do not hear of a cancellation: the wait ends all the same.
            return await Task.Run(() => check.RunAsync(cancellationToken), cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException)
        {
            return CheckResult.Fault($"no answer within {Patience.TotalSeconds:0} s", "check the address, and firewalls between here and there");
        }
        // The edge of a check: an examination tells of every fault, those nobody thought of too.
        catch (Exception fault)
        {
            return CheckResult.Fault($"{fault.GetType().Name}: {fault.Message.Split('\n', 2)[0].Trim()}", "if the message does not say what to do, report it with the settings of this check, without secrets");
        }
    }
}
