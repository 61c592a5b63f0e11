using System.Collections.Concurrent;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Imaging;

namespace Factory.Cli.Import;

/// <summary>Brings every source file's prepared image into the target: hashes all, looks up what is there, decodes the rest in parallel.</summary>
internal sealed class Preparing(IImportTarget target, ImportOptions options, RefusedFiles refused)
{
    private const int LookupBatch = 1000;
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10);
    private readonly ImagePreparation _preparation = new(options.Preprocessing, options.Limits);
    private int _decoded;

    /// <summary>Files decoded, rather than found prepared.</summary>
    public int Decoded => _decoded;

    /// <summary>Prepares images; those that cannot be are refused and left out.</summary>
    /// <param name="images">The images.</param>
    /// <param name="progress">Called with the number of images hashed and then prepared, from several threads.</param>
    /// <param name="cancellationToken">Stops early; what was uploaded stays recorded.</param>
    public async Task<List<LabeledImage>> RunAsync(IReadOnlyList<LabeledImage> images, ImportProgress progress, CancellationToken cancellationToken)
    {
        Sha256Digest?[] digests = await HashAsync(images, progress, cancellationToken);
        var wanted = Enumerable.Range(0, images.Count).Where(index => digests[index] is not null)
            .GroupBy(index => (Source: digests[index]!.Value, images[index].Modality)).ToDictionary(group => group.Key, group => group.ToList());
        ConcurrentDictionary<(Sha256Digest, Modality), PreparedImageEntry> prepared = new();
        await LookUpAsync(wanted.Keys, prepared, cancellationToken);
        await target.AnnounceAsync(new() { Images = wanted.Count(files => !prepared.ContainsKey(files.Key)) }, cancellationToken);
        using PreparedLedger ledger = new(target);
        int done = wanted.Where(files => prepared.ContainsKey(files.Key)).Sum(files => files.Value.Count);
        try
        {
            await Parallel.ForEachAsync(wanted.Where(files => !prepared.ContainsKey(files.Key)).ToList(), InParallel(cancellationToken), async (files, stop) =>
            {
                if (await PrepareAsync(files.Key.Source, [.. files.Value.Select(index => images[index])], ledger, stop) is { } entry) prepared[files.Key] = entry;
                progress.Prepared(Interlocked.Add(ref done, files.Value.Count), images.Count);
            });
        }
        catch
        {
            await SaveAsync(ledger);
            throw;
        }
        await ledger.FlushAsync(cancellationToken);
        return [.. images.Select((image, index) => (image, index)).Where(pair => digests[pair.index] is not null)
            .Where(pair => prepared.ContainsKey((digests[pair.index]!.Value, pair.image.Modality)))
            .Select(pair => pair.image with { Prepared = prepared[(digests[pair.index]!.Value, pair.image.Modality)] })];
    }

    /// <summary>Records what was uploaded before an import failed, or the next one would do it again; if that fails too, the first failure is what the user hears of.</summary>
    private static async Task SaveAsync(PreparedLedger ledger)
    {
        using CancellationTokenSource patience = new(FlushTimeout);
        try
        {
            await ledger.FlushAsync(patience.Token);
        }
        catch (Exception late) when (late is CliException or OperationCanceledException)
        {
            return;
        }
    }

    private async Task<Sha256Digest?[]> HashAsync(IReadOnlyList<LabeledImage> images, ImportProgress progress, CancellationToken cancellationToken)
    {
        Sha256Digest?[] digests = new Sha256Digest?[images.Count];
        int done = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, images.Count), InParallel(cancellationToken), async (index, stop) =>
        {
            SourceImage source = images[index].Source;
            try
            {
                long bytes = new FileInfo(source.FullPath).Length;
                // Pipes and devices have no length either, and reading them might never end.
                if (bytes == 0) refused.Add(source.Path, ImagePreparation.KindOf(RejectionReason.Empty), "the file has 0 bytes");
                else if (bytes > options.Limits.MaxBytes) refused.Add(source.Path, ImagePreparation.KindOf(RejectionReason.TooManyPixels), $"the file has {bytes} bytes; at most {options.Limits.MaxBytes} are read");
                else digests[index] = await ImagePreparation.DigestAsync(source.FullPath, stop);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                refused.Add(source.Path, "unreadable", unreadable.Message);
            }
            progress.Hashed(Interlocked.Increment(ref done), images.Count);
        });
        return digests;
    }

    private async Task LookUpAsync(
        IEnumerable<(Sha256Digest Source, Modality Modality)> wanted, ConcurrentDictionary<(Sha256Digest, Modality), PreparedImageEntry> prepared, CancellationToken cancellationToken)
    {
        foreach (var ofModality in wanted.GroupBy(key => key.Modality))
        {
            foreach (Sha256Digest[] batch in ofModality.Select(key => key.Source).Chunk(LookupBatch))
            {
                PreparedLookup lookup = new() { Preprocessing = _preparation.KeyOf(ofModality.Key), Sources = batch };
                foreach (PreparedImageEntry entry in await target.FindPreparedAsync(lookup, cancellationToken)) prepared[(entry.Source, ofModality.Key)] = entry;
            }
        }
    }

    private async Task<PreparedImageEntry?> PrepareAsync(Sha256Digest source, LabeledImage[] files, PreparedLedger ledger, CancellationToken cancellationToken)
    {
        try
        {
            byte[] bytes = await File.ReadAllBytesAsync(files[0].Source.FullPath, cancellationToken);
            if (Sha256Digest.Of(bytes) != source) return Refuse(files, "changed", "the file changed while it was imported; import again");
            (byte[] png, int width, int height) = _preparation.Prepare(bytes, files[0].Modality);
            Interlocked.Increment(ref _decoded);
            ObjectRef image = await target.UploadAsync(png, cancellationToken);
            PreparedImageEntry entry = new() { Source = source, Preprocessing = _preparation.KeyOf(files[0].Modality), Image = image, Width = width, Height = height };
            await ledger.AddAsync(entry, cancellationToken);
            return entry;
        }
        catch (ImageRejectedException rejected)
        {
            return Refuse(files, ImagePreparation.KindOf(rejected.Reason), rejected.Message);
        }
        catch (FileNotFoundException)
        {
            return Refuse(files, "changed", "the file vanished while it was imported; import again");
        }
    }

    private PreparedImageEntry? Refuse(LabeledImage[] files, string kind, string detail)
    {
        foreach (LabeledImage file in files) refused.Add(file.Source.Path, kind, detail);
        return null;
    }

    private ParallelOptions InParallel(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken };
}

/// <summary>Records uploaded images in batches, one batch at a time; who adds an image meanwhile does not wait, short of a backlog.</summary>
internal sealed class PreparedLedger(IImportTarget target) : IDisposable
{
    private const int Batch = 64, Backlog = 16 * Batch;
    private readonly SemaphoreSlim _one = new(1);
    private readonly ConcurrentQueue<PreparedImageEntry> _open = new();

    /// <summary>Adds an uploaded image; a full batch is recorded.</summary>
    public async Task AddAsync(PreparedImageEntry entry, CancellationToken cancellationToken)
    {
        _open.Enqueue(entry);
        if (_open.Count < Batch) return;
        if (await _one.WaitAsync(_open.Count < Backlog ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancellationToken)) await RecordAsync(Batch, cancellationToken);
    }

    /// <summary>Records what is left.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        await RecordAsync(1, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    // Called by whoever has entered the section, which this leaves.
    private async Task RecordAsync(int least, CancellationToken cancellationToken)
    {
        try
        {
            while (_open.Count >= least)
            {
                PreparedImageEntry[] batch = [.. _open.Take(Batch)];
                await target.RecordPreparedAsync(batch, cancellationToken);
                // Taken off only now: a batch whose recording was canceled is recorded by the flush. Only this section dequeues.
                for (int index = 0; index < batch.Length; index++) _open.TryDequeue(out _);
            }
        }
        finally
        {
            _one.Release();
        }
    }
}

/// <summary>Hears how far an import is; called from several threads.</summary>
/// <param name="Hashed">Called with the number of files hashed and their total.</param>
/// <param name="Prepared">Called with the number of images prepared and their total.</param>
internal sealed record ImportProgress(Action<int, int> Hashed, Action<int, int> Prepared)
{
    /// <summary>Hears nothing.</summary>
    public static ImportProgress None { get; } = new((_, _) => { }, (_, _) => { });
}
