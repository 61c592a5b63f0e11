using System.Collections.Concurrent;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Imaging;

namespace Factory.Cli.Import;

/// <summary>Brings the lesion masks of images into the target, cut and resized as the images were. An image is refused whose mask cannot be used: it would pass for one without lesions.</summary>
internal sealed class LesionMasks(IImportTarget target, ImportOptions options, CategoryList categories, RefusedFiles refused)
{
    private const int LookupBatch = 1000;
    private readonly ImagePreparation _preparation = new(options.Preprocessing, options.Limits);

    /// <summary>The images that are left, with their masks.</summary>
    public async Task<List<LabeledImage>> RunAsync(IReadOnlyList<LabeledImage> images, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<LabeledImage, Dictionary<string, Wanted>> wanted = new(ReferenceEqualityComparer.Instance);
        HashSet<LabeledImage> bad = new(ReferenceEqualityComparer.Instance);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(images.Where(image => image.Source.Masks.Count > 0), parallel, async (image, stop) =>
        {
            if (await IdentifyAsync(image, stop) is { } masks) wanted[image] = masks;
            else lock (bad) bad.Add(image);
        });
        ConcurrentDictionary<(Sha256Digest, Modality), ObjectRef> prepared = [];
        await LookUpAsync(wanted, prepared, cancellationToken);
        using PreparedLedger ledger = new(target);
        await Parallel.ForEachAsync(wanted, parallel, async (image, stop) =>
        {
            List<Wanted> missing = [.. image.Value.Values.Where(mask => !prepared.ContainsKey((mask.Identity, image.Key.Modality)))];
            if (missing.Count == 0) return;
            if (await PrepareAsync(image.Key, missing, ledger, stop) is { } made)
            {
                foreach ((Wanted mask, ObjectRef stored) in missing.Zip(made)) prepared[(mask.Identity, image.Key.Modality)] = stored;
            }
            else lock (bad) bad.Add(image.Key);
        });
        await ledger.FlushAsync(cancellationToken);
        return [.. images.Where(image => !bad.Contains(image)).Select(image => !wanted.TryGetValue(image, out var masks) || masks.Count == 0 ? image : image with
        {
            Lesions = new SortedDictionary<string, ObjectRef>(masks.ToDictionary(mask => mask.Key, mask => prepared[(mask.Value.Identity, image.Modality)]), StringComparer.Ordinal),
        })];
    }

    // A healthy eye's mask of all its category's lesions has nothing on it.
    private async Task<Dictionary<string, Wanted>?> IdentifyAsync(LabeledImage image, CancellationToken cancellationToken)
    {
        Dictionary<string, Wanted> masks = [];
        foreach (SourceMask mask in image.Source.Masks)
        {
            if (mask.Kind is null && image.Label == categories.Background) continue;
            string kind = mask.Kind ?? categories.Names[image.Label];
            try
            {
                if (new FileInfo(mask.FullPath).Length is var bytes && (bytes == 0 || bytes > options.Limits.MaxBytes)) return Refused<Dictionary<string, Wanted>>(image, mask, $"has {bytes} bytes; 1 to {options.Limits.MaxBytes} are read");
                Sha256Digest digest = await ImagePreparation.DigestAsync(mask.FullPath, cancellationToken);
                // The same mask is cut otherwise beside another image.
                if (!masks.TryAdd(kind, new(mask, digest, Sha256Digest.Of(Encoding.ASCII.GetBytes($"{digest} {image.Prepared!.Source}"))))) return Refused<Dictionary<string, Wanted>>(image, mask, $"is a second one of '{kind}'");
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                return Refused<Dictionary<string, Wanted>>(image, mask, unreadable.Message);
            }
        }
        return masks;
    }

    private async Task LookUpAsync(
        ConcurrentDictionary<LabeledImage, Dictionary<string, Wanted>> wanted, ConcurrentDictionary<(Sha256Digest, Modality), ObjectRef> prepared, CancellationToken cancellationToken)
    {
        foreach (var ofModality in wanted.GroupBy(image => image.Key.Modality))
        {
            foreach (Sha256Digest[] batch in ofModality.SelectMany(image => image.Value.Values).Select(mask => mask.Identity).Distinct().Chunk(LookupBatch))
            {
                PreparedLookup lookup = new() { Preprocessing = _preparation.MaskKeyOf(ofModality.Key), Sources = batch };
                foreach (PreparedImageEntry entry in await target.FindPreparedAsync(lookup, cancellationToken)) prepared[(entry.Source, ofModality.Key)] = entry.Image;
            }
        }
    }

    /// <summary>Prepares masks of one image, in their order; null after the image was refused.</summary>
    private async Task<List<ObjectRef>?> PrepareAsync(LabeledImage image, IEnumerable<Wanted> masks, PreparedLedger ledger, CancellationToken cancellationToken)
    {
        List<ObjectRef> prepared = [];
        ImageFrame? frame = null;
        foreach (Wanted wanted in masks)
        {
            try
            {
                byte[] mask = await File.ReadAllBytesAsync(wanted.Mask.FullPath, cancellationToken);
                frame ??= await FrameOfAsync(image, cancellationToken);
                if (Sha256Digest.Of(mask) != wanted.Digest || frame is null) return Refused<List<ObjectRef>>(image, wanted.Mask, "or the image changed while it was imported; import again");
                (byte[] png, int width, int height) = _preparation.PrepareMask(mask, frame);
                ObjectRef stored = await target.UploadAsync(png, cancellationToken);
                await ledger.AddAsync(new() { Source = wanted.Identity, Preprocessing = _preparation.MaskKeyOf(image.Modality), Image = stored, Width = width, Height = height }, cancellationToken);
                prepared.Add(stored);
            }
            catch (ImageRejectedException rejected)
            {
                return Refused<List<ObjectRef>>(image, wanted.Mask, "cannot be used: " + rejected.Message);
            }
            catch (FileNotFoundException)
            {
                return Refused<List<ObjectRef>>(image, wanted.Mask, "vanished while it was imported; import again");
            }
        }
        return prepared;
    }

    /// <summary>The frame of an image; null where its file is another by now.</summary>
    private async Task<ImageFrame?> FrameOfAsync(LabeledImage image, CancellationToken cancellationToken)
    {
        byte[] source = await File.ReadAllBytesAsync(image.Source.FullPath, cancellationToken);
        return Sha256Digest.Of(source) == image.Prepared!.Source ? _preparation.FrameOf(source, image.Modality) : null;
    }

    private T? Refused<T>(LabeledImage image, SourceMask mask, string detail)
        where T : class
    {
        refused.Add(image.Source.Path, "lesion mask", $"{mask.Path} {detail}");
        return null;
    }

    /// <summary>A mask to be prepared.</summary>
    /// <param name="Mask">Its file.</param>
    /// <param name="Digest">SHA-256 of the file.</param>
    /// <param name="Identity">SHA-256 of the digests of mask and image: what a prepared mask is known by.</param>
    private sealed record Wanted(SourceMask Mask, Sha256Digest Digest, Sha256Digest Identity);
}
