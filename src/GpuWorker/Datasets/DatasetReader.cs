using System.Globalization;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Datasets;

/// <summary>Opens datasets: real images one by one from the store, synthetic ones from shards.</summary>
internal sealed class DatasetReader(IObjectStore objects, ScratchFiles scratch, ImageCache cache)
{
    /// <summary>Opens one side of a dataset.</summary>
    /// <param name="dataset">JSON lines of <see cref="DatasetEntry"/>.</param>
    /// <param name="split">The side.</param>
    /// <param name="size">Side in pixels of the square to which images are resized, and kept so for the next item; null: as they are, not kept.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <param name="modality">Only entries of this modality. Default all, of a dataset of one.</param>
    /// <returns>The images in the dataset's order, those of a shard by key; the caller disposes the files behind them.</returns>
    /// <exception cref="InvalidDataException">The list is damaged.</exception>
    public async Task<OpenDataset> OpenAsync(ObjectRef dataset, Split split, int? size, CancellationToken cancellationToken, Modality? modality = null)
    {
        List<SafeFile> files = [];
        List<Entry> entries = [];
        try
        {
            await foreach (DatasetEntry entry in JsonLines.ReadAsync<DatasetEntry>(objects, dataset, cancellationToken))
            {
                if (entry.Split != split || (modality is not null && entry.Modality != modality)) continue;
                if (entry.Label is { } label) entries.Add(new(label, entry.Object.Digest, entry.Object, null, 0, 0) { Real = entry });
                else await AddShardAsync(entry.Object, files, entries, cancellationToken);
            }
        }
        catch
        {
            foreach (SafeFile file in files) file.Dispose();
            throw;
        }
        return new(entries.Count == 0 ? null : new ImageSet(entries.Count, index => entries[index].Label, index => Load(entries[index], size)), split, files)
        {
            Real = index => entries[index].Real,
        };
    }

    /// <summary>Decodes one image of the store.</summary>
    public RgbImage LoadImage(ObjectRef image) => ImageCache.Decode(Read(image));

    /// <summary>One image of the store, resized to a square and kept so for the next item.</summary>
    public RgbImage LoadImage(ObjectRef image, int size) => cache.Get(image.Digest, 0, size, () => Read(image));

    private RgbImage Load(Entry entry, int? size) => size is { } side
        ? cache.Get(entry.Blob, entry.Offset, side, () => Read(entry))
        : ImageCache.Decode(Read(entry));

    private byte[] Read(Entry entry) => entry.Image is { } image ? Read(image) : entry.Shard!.Read(entry.Offset, entry.Length);

    // Called on the torch thread too, which has no synchronization context to deadlock on and nothing else to do.
    private byte[] Read(ObjectRef image) => objects.ReadAsync(image, CancellationToken.None).GetAwaiter().GetResult();

    private async Task AddShardAsync(ObjectRef shard, List<SafeFile> files, List<Entry> entries, CancellationToken cancellationToken)
    {
        SafeFile file = new(await scratch.FetchAsync(shard, cancellationToken));
        files.Add(file);
        await using FileStream stream = file.OpenStream();
        foreach (IGrouping<string, ShardEntry> sample in (await ShardReader.ScanAsync(stream, cancellationToken)).GroupBy(member => member.Key))
        {
            ShardEntry category = Member(sample, "cls"), image = Member(sample, "png");
            string text = Encoding.ASCII.GetString(file.Read(category.Offset, category.Length));
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int label)) throw new ShardFormatException($"{sample.Key}.cls", $"is '{text}', no category index");
            entries.Add(new(label, shard.Digest, null, file, image.Offset, image.Length));
        }
    }

    private static ShardEntry Member(IGrouping<string, ShardEntry> sample, string extension) =>
        sample.FirstOrDefault(member => member.Extension == extension) ?? throw new ShardFormatException(sample.Key, $"has no .{extension}");

    private readonly record struct Entry(int Label, Sha256Digest Blob, ObjectRef? Image, SafeFile? Shard, long Offset, int Length)
    {
        public DatasetEntry? Real { get; init; }
    }
}

/// <summary>An opened side of a dataset.</summary>
/// <param name="Images">The images; null where the side is empty.</param>
/// <param name="Split">The side.</param>
/// <param name="Files">The files behind them.</param>
internal sealed record OpenDataset(ImageSet? Images, Split Split, IReadOnlyList<SafeFile> Files) : IDisposable
{
    /// <summary>The dataset's entry of an image by its index; null where the image is synthetic.</summary>
    public required Func<int, DatasetEntry?> Real { get; init; }

    /// <summary>The images of a side that must not be empty.</summary>
    /// <exception cref="PermanentWorkException">It is.</exception>
    public ImageSet Required => Images ?? throw new PermanentWorkException($"the dataset has no {Split} images; check the collection's splits.");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFile file in Files) file.Dispose();
    }
}

/// <summary>A file held open, so that it can be read here and there even after its name is gone.</summary>
internal sealed class SafeFile(string path) : IDisposable
{
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle = File.OpenHandle(path, options: FileOptions.RandomAccess);

    public FileStream OpenStream() => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 17);

    public byte[] Read(long offset, int length)
    {
        byte[] content = new byte[length];
        for (int read = 0; read < length;)
        {
            int more = RandomAccess.Read(_handle, content.AsSpan(read), offset + read);
            if (more == 0) throw new EndOfStreamException($"{path} ends before byte {offset + length}.");
            read += more;
        }
        return content;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
