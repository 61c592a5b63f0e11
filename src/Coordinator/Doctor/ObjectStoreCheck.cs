using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether the object store takes a blob, gives it back as it was, and removes it.</summary>
/// <param name="open">Opens the store.</param>
/// <param name="place">Where it is, without secrets.</param>
/// <param name="settings">The settings to look at when it does not.</param>
public sealed class ObjectStoreCheck(Func<IObjectStore> open, string place, string settings) : IDoctorCheck
{
    // Nothing else has these bytes, so nothing is lost when they are removed.
    private static readonly byte[] Probe = "factory doctor was here\n"u8.ToArray();

    /// <inheritdoc/>
    public string Name => "object store";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            IObjectStore objects = open();
            ObjectRef stored = await objects.PutAsync(Probe, "text/plain", cancellationToken);
            await objects.ReadAsync(stored, cancellationToken);
            await objects.DeleteAsync(stored.Digest, cancellationToken);
            return await objects.ExistsAsync(stored.Digest, cancellationToken)
                ? CheckResult.Fault($"{place} does not remove blobs", $"let the key in {settings} delete objects")
                : CheckResult.Ok($"{place} can be written, read and removed from");
        }
        catch (Exception fault) when (fault is ObjectStoreUnavailableException or ObjectMissingException or ObjectCorruptException or IOException or UnauthorizedAccessException)
        {
            return CheckResult.Fault($"{place}: {fault.Message}", $"check {settings}, and the room and rights there");
        }
    }
}
