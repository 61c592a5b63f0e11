using System.Globalization;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Datasets;

/// <summary>Opens datasets: real images one by one from the store, synthetic ones from shards.</summary>
internal sealed class DatasetReader(IObjectStore objects, ScratchFiles scratch)
{
    private static readonly DecodeLimits Limits = DecodeLimits.Default with { MinSide = 1 };

    /// <summary>Opens one side of a dataset.</summary>
    /// <param name="dataset">JSON lines of <see cref="DatasetEntry"/>.</param>
    /// <param name="split">The side.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The images in the dataset's order; the caller disposes the files behind them.</returns>
    public async Task<OpenDataset> OpenAsync(ObjectRef dataset, Split split, CancellationToken cancellationToken)
    {
        List<SafeFile> files = [];
        List<Entry> entries = [];
        await foreach (DatasetEntry entry in JsonLines.ReadAsync<DatasetEntry>(objects, dataset, cancellationToken))
        {
            if (entry.Split != split) continue;
            if (entry.Label is { } label) entries.Add(new(label, entry.Object, null, 0, 0));
            else await AddShardAsync(entry.Object, files, entries, cancellationToken);
        }
        return new(new ImageSet(entries.Count, index => entries[index].Label, index => Load(entries[index])), files);
    }

    /// <summary>Decodes one image of the store.</summary>
    /// <remarks>Called on the torch thread too, which has no synchronization context to deadlock on and nothing else to do.</remarks>
    public RgbImage LoadImage(ObjectRef image) => ImageDecoder.Decode(objects.ReadAsync(image, CancellationToken.None).GetAwaiter().GetResult(), Limits);

    private RgbImage Load(Entry entry) => entry.Image is { } image
        ? LoadImage(image)
        : ImageDecoder.Decode(entry.Shard!.Read(entry.Offset, entry.Length), Limits);

    private async Task AddShardAsync(ObjectRef shard, List<SafeFile> files, List<Entry> entries, CancellationToken cancellationToken)
    {
        SafeFile file = new(await scratch.FetchAsync(shard, cancellationToken));
        files.Add(file);
        await using FileStream stream = file.OpenStream();
        foreach (IGrouping<string, ShardEntry> sample in (await ShardReader.ScanAsync(stream, cancellationToken)).GroupBy(member => member.Key))
        {
            ShardEntry category = sample.Single(member => member.Extension == "cls"), image = sample.Single(member => member.Extension == "png");
            int label = int.Parse(Encoding.ASCII.GetString(file.Read(category.Offset, category.Length)), CultureInfo.InvariantCulture);
            entries.Add(new(label, null, file, image.Offset, image.Length));
        }
    }

    private readonly record struct Entry(int Label, ObjectRef? Image, SafeFile? Shard, long Offset, int Length);
}

/// <summary>An opened side of a dataset.</summary>
/// <param name="Images">The images.</param>
/// <param name="Files">The files behind them.</param>
internal sealed record OpenDataset(ImageSet Images, IReadOnlyList<SafeFile> Files) : IDisposable
{
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
