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
        await Parallel.ForEachAsync(wanted.SelectMany(image => image.Value.Values.Select(mask => (Image: image.Key, Mask: mask))).Where(pair => !prepared.ContainsKey((pair.Mask.Identity, pair.Image.Modality))), parallel, async (pair, stop) =>
        {
            if (await PrepareAsync(pair.Image, pair.Mask, ledger, stop) is { } made) prepared[(pair.Mask.Identity, pair.Image.Modality)] = made;
            else lock (bad) bad.Add(pair.Image);
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
                if (new FileInfo(mask.FullPath).Length is var bytes && (bytes == 0 || bytes > options.Limits.MaxBytes)) return Refuse(image, mask, $"has {bytes} bytes; 1 to {options.Limits.MaxBytes} are read");
                Sha256Digest digest = await ImagePreparation.DigestAsync(mask.FullPath, cancellationToken);
                // The same mask is cut otherwise beside another image.
                if (!masks.TryAdd(kind, new(mask, digest, Sha256Digest.Of(Encoding.ASCII.GetBytes($"{digest} {image.Prepared!.Source}"))))) return Refuse(image, mask, $"is a second one of '{kind}'");
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                return Refuse(image, mask, unreadable.Message);
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

    private async Task<ObjectRef?> PrepareAsync(LabeledImage image, Wanted wanted, PreparedLedger ledger, CancellationToken cancellationToken)
    {
        try
        {
            byte[] mask = await File.ReadAllBytesAsync(wanted.Mask.FullPath, cancellationToken), source = await File.ReadAllBytesAsync(image.Source.FullPath, cancellationToken);
            if (Sha256Digest.Of(mask) != wanted.Digest || Sha256Digest.Of(source) != image.Prepared!.Source)
            {
                Refuse(image, wanted.Mask, "or the image changed while it was imported; import again");
                return null;
            }
            (byte[] png, int width, int height) = _preparation.PrepareMask(mask, source, image.Modality);
            ObjectRef stored = await target.UploadAsync(png, cancellationToken);
            await ledger.AddAsync(new() { Source = wanted.Identity, Preprocessing = _preparation.MaskKeyOf(image.Modality), Image = stored, Width = width, Height = height }, cancellationToken);
            return stored;
        }
        catch (ImageRejectedException rejected)
        {
            Refuse(image, wanted.Mask, "cannot be used: " + rejected.Message);
            return null;
        }
        catch (FileNotFoundException)
        {
            Refuse(image, wanted.Mask, "vanished while it was imported; import again");
            return null;
        }
    }

    private Dictionary<string, Wanted>? Refuse(LabeledImage image, SourceMask mask, string detail)
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
