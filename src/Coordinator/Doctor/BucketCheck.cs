using Factory.Storage.Objects.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether the bucket does all that the factory does with one: put, head, get, list, multipart, checksum, delete.</summary>
/// <param name="configuration">Read for <see cref="S3Options.Section"/>.</param>
public sealed class BucketCheck(IConfiguration configuration) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "object store";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        await using ServiceProvider services = new ServiceCollection().AddS3Objects(configuration).BuildServiceProvider();
        try
        {
            S3Options options = services.GetRequiredService<IOptions<S3Options>>().Value;
            IReadOnlyList<ProbeStep> steps = await services.GetRequiredService<S3Probe>().RunAsync(cancellationToken);
            return steps.FirstOrDefault(step => !step.Ok) is { } failed
                ? CheckResult.Fault($"{failed.Name}: {failed.Fault}", "check the settings Objects__S3__*, and the server")
                : CheckResult.Ok($"bucket {options.Bucket} at {options.Endpoint}: {string.Join(", ", steps.Select(step => step.Name))}");
        }
        catch (OptionsValidationException invalid)
        {
            return CheckResult.Fault(string.Join(' ', invalid.Failures), "correct the settings Objects__S3__*");
        }
    }
}
