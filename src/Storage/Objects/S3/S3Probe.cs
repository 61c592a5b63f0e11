using Factory.Contracts;
using Microsoft.Extensions.Options;

namespace Factory.Storage.Objects.S3;

/// <summary>One thing a bucket was asked to do.</summary>
/// <param name="Name">What: <c>put, head, get, list, multipart, checksum, delete</c>.</param>
/// <param name="Fault">What is wrong and what to do, in one line; nothing when it is well.</param>
/// <param name="MayPass">Whether the fault may pass by itself: the server is out of reach or unwell.</param>
public sealed record ProbeStep(string Name, string? Fault, bool MayPass = false)
{
    /// <summary>Whether the bucket did it.</summary>
    public bool Ok => Fault is null;
}

/// <summary>
/// Tries on a bucket, under <c>PREFIX/probe/</c>, all that the factory does with it, and cleans up. For the start of a service, and for whoever sets one up.
/// </summary>
/// <param name="options">The bucket.</param>
/// <param name="time">Dates requests.</param>
public sealed class S3Probe(IOptions<S3Options> options, TimeProvider time)
{
    private const string Folder = "probe/";

    // Above 5 MiB an object is sent in parts.
    private const int MultipartBytes = 6 << 20;
    // Longer than a probe takes.
    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Tries everything. Faults of the bucket are in the answer, not thrown.</summary>
    /// <param name="cancellationToken">Ends the trial; what it wrote is removed.</param>
    /// <returns>The steps, in order. After one that failed because the server is out of reach or refuses this client, the others are not tried.</returns>
    public async Task<IReadOnlyList<ProbeStep>> RunAsync(CancellationToken cancellationToken)
    {
        using S3Bucket bucket = new(options.Value, time);
        Trial trial = new(bucket, $"{Folder}{Path.GetRandomFileName()}/", cancellationToken);
        try
        {
            await trial.StepAsync("put", trial.PutAsync);
            await trial.StepAsync("head", trial.HeadAsync);
            await trial.StepAsync("get", trial.GetAsync);
            await trial.StepAsync("list", trial.ListAsync);
            await trial.StepAsync("multipart", trial.MultipartAsync);
            await trial.StepAsync("checksum", trial.ChecksumAsync);
        }
        finally
        {
            // Whatever was refused before, nothing stays behind that can be removed.
            await trial.StepAsync("delete", () => trial.DeleteAsync(time.GetUtcNow() - Abandoned));
        }
        return trial.Steps;
    }

    /// <summary>One trial in progress.</summary>
    private sealed class Trial(S3Bucket bucket, string folder, CancellationToken cancellationToken)
    {
        private readonly string _small = folder + "small";
        private readonly string _large = folder + "large";
        private bool _hopeless;

        public List<ProbeStep> Steps { get; } = [];

        public async Task StepAsync(string name, Func<Task<string?>> step)
        {
            try
            {
                Steps.Add(new(name, _hopeless ? $"not tried: {Steps[^1].Name} failed." : await step()));
            }
            catch (Exception fault) when (fault is ObjectStoreUnavailableException or ObjectStoreRefusedException)
            {
                Steps.Add(new(name, fault.Message, fault is ObjectStoreUnavailableException));
                _hopeless = Steps.Count == 1;
            }
        }

        public async Task<string?> PutAsync()
        {
            await WriteAsync(_small, 1000, MediaTypes.Json);
            return null;
        }

        public async Task<string?> HeadAsync() => await bucket.FindAsync(_small, cancellationToken) is { Bytes: 1000 }
            ? null
            : $"{bucket.Place} does not find what was just put there; the server must be read-after-write consistent.";

        public async Task<string?> GetAsync() => await DigestAsync(_small) is null ? $"{bucket.Place} does not give what was just put there; check that nothing on the way caches." : null;

        public async Task<string?> ListAsync()
        {
            int found = 0;
            await foreach (S3Entry entry in bucket.ListAsync(folder, cancellationToken)) found += entry.Name == _small ? 1 : 0;
            return found == 1 ? null : $"{bucket.Place} does not list what was just put there; the server must be list-after-write consistent.";
        }

        public async Task<string?> MultipartAsync()
        {
            await WriteAsync(_large, MultipartBytes, MediaTypes.Tar);
            return null;
        }

        public async Task<string?> ChecksumAsync() =>
            await DigestAsync(_small) == Sha256Digest.Of(Content(1000)) && await DigestAsync(_large) == Sha256Digest.Of(Content(MultipartBytes))
                ? null
                : $"{bucket.Place} gives other bytes than were put there; check the server's disks, and that nothing on the way changes content.";

        public async Task<string?> DeleteAsync(DateTimeOffset abandoned)
        {
            // Canceled or not: what was written goes away.
            await bucket.DeleteAsync(_small, CancellationToken.None);
            await bucket.DeleteAsync(_large, CancellationToken.None);
            if (await bucket.FindAsync(_small, CancellationToken.None) is not null) return $"{bucket.Place} keeps what was deleted; check its locks and retention.";
            await foreach (S3Entry entry in bucket.ListAsync(Folder, cancellationToken))
            {
                if (entry.WrittenAt < abandoned) await bucket.DeleteAsync(entry.Name, cancellationToken);
            }
            return null;
        }

        // A write that is cut off may still be carried out by the server, after what was written was removed: it is given a moment to end by itself.
        private async Task WriteAsync(string name, int bytes, string mediaType)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using CancellationTokenSource cut = new();
            await using CancellationTokenRegistration canceled = cancellationToken.Register(() => cut.CancelAfter(Grace));
            await bucket.PutAsync(name, new MemoryStream(Content(bytes)), bytes, mediaType, cut.Token);
            cancellationToken.ThrowIfCancellationRequested();
        }

        private static byte[] Content(int bytes)
        {
            byte[] content = new byte[bytes];
            for (int index = 0; index < bytes; index++) content[index] = (byte)((index * 31) ^ (index >> 9));
            return content;
        }

        private async Task<Sha256Digest?> DigestAsync(string name)
        {
            await using Stream? stream = await bucket.OpenAsync(name, cancellationToken);
            return stream is null ? null : Sha256Digest.FromHash(await System.Security.Cryptography.SHA256.HashDataAsync(stream, cancellationToken));
        }
    }
}
