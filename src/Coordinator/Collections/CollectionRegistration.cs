using System.Text.Json;
using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Projects;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Collections;

/// <summary>Registers collection versions. What is the same as the latest version makes no new one.</summary>
internal sealed partial class CollectionRegistration(FactoryDbContext database, IObjectStore objects, IDatabaseClock clock, ProjectView view)
{
    private const int PageSize = 2000;
    private const int LookupPage = 1000;
    private const int ExamplesShown = 10;

    /// <summary>Registers a version under a name, in the project that the request is about.</summary>
    /// <exception cref="RefusedException">The version contradicts itself, names blobs that were not uploaded, or the project has no room for it.</exception>
    public async Task<CollectionRegistered> RegisterAsync(string name, NewCollectionVersion wanted, CancellationToken cancellationToken)
    {
        await RequireSoundAsync(name, wanted, cancellationToken);
        List<CollectionImageEntry> images = [.. wanted.Images.OrderBy(image => image.Path, StringComparer.Ordinal).Select(Ordered)];
        Sha256Digest digest = DigestOf(wanted, images);
        // Two registrations of one name at once: the version that comes second is compared with the first.
        return await Collision.RepeatAsync(database, () => WriteAsync(name, wanted, images, digest, cancellationToken));
    }

    // The digest of a version must not depend on the order in which masks were found.
    private static CollectionImageEntry Ordered(CollectionImageEntry image) => image.Lesions is { } lesions
        ? image with { Lesions = new SortedDictionary<string, ObjectRef>(lesions.ToDictionary(), StringComparer.Ordinal) }
        : image;

    private async Task<CollectionRegistered> WriteAsync(
        string name, NewCollectionVersion wanted, List<CollectionImageEntry> images, Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        Project project = await view.TargetAsync(cancellationToken);
        await ProjectLedger.TakeRowAsync(database, project.Id, cancellationToken);
        CollectionVersion? latest = await database.CollectionVersions.Include(version => version.Collection)
            .Where(version => version.Collection.ProjectId == project.Id && version.Collection.Name == name).OrderByDescending(version => version.Version).FirstOrDefaultAsync(cancellationToken);
        if (latest?.Digest == digest) return Answer(latest, created: false, new([], 0, 0, 0));
        CollectionDifference difference = await CollectionDifference.BetweenAsync(database, latest, images, ExamplesShown, cancellationToken);
        CollectionVersion version = NewVersion(latest?.Collection ?? new() { Name = name, Project = project }, wanted, images, digest, latest, await clock.NowAsync(database, cancellationToken));
        database.CollectionVersions.Add(version);
        await database.SaveChangesAsync(cancellationToken);
        await WriteImagesAsync(version.Id, images, cancellationToken);
        await CountAsync(project.Id, images, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Answer(version, created: true, difference);
    }

    // A picture counts once in a project, in however many versions and collections it stands.
    private async Task CountAsync(int projectId, List<CollectionImageEntry> images, CancellationToken cancellationToken)
    {
        long newImages = 0, newBytes = 0;
        foreach ((CollectionImageEntry Image, ObjectRef Blob)[] page in Blobs(images).DistinctBy(named => named.Blob.Digest).Chunk(LookupPage))
        {
            Dictionary<Sha256Digest, ProjectObject> known = await ProjectBlobs.Known(database, projectId, [.. page.Select(named => named.Blob.Digest)])
                .ToDictionaryAsync(stored => stored.Digest, cancellationToken);
            foreach ((CollectionImageEntry image, ObjectRef blob) in page)
            {
                if (!known.TryGetValue(blob.Digest, out ProjectObject? stored))
                {
                    newBytes += blob.Bytes;
                    database.ProjectObjects.Add(stored = new() { ProjectId = projectId, Digest = blob.Digest, Bytes = blob.Bytes });
                }
                if (stored.IsImage || blob != image.Image) continue;
                newImages++;
                stored.IsImage = true;
            }
            await FlushAsync<ProjectObject>(cancellationToken);
        }
        await ProjectLedger.TakeAsync(database, projectId, newImages, newBytes, cancellationToken);
    }

    /// <summary>The blobs of a version: images, then the masks of their lesions.</summary>
    private static IEnumerable<(CollectionImageEntry Image, ObjectRef Blob)> Blobs(IEnumerable<CollectionImageEntry> images) =>
        images.SelectMany(image => (image.Lesions?.Values ?? []).Prepend(image.Image).Select(blob => (image, blob)));

    private static RefusedException NotUploaded(CollectionImageEntry image, ObjectRef blob) => RefusedException.Invalid(
        $"{image.Path}: its {(blob == image.Image ? "prepared image" : "lesion mask")} {blob.Digest.Short} was not uploaded.");

    private static CollectionVersion NewVersion(Collection collection, NewCollectionVersion wanted, List<CollectionImageEntry> images, Sha256Digest digest, CollectionVersion? latest, DateTime now) => new()
    {
        Collection = collection,
        Version = (latest?.Version ?? 0) + 1,
        Digest = digest,
        Categories = wanted.Categories,
        Preprocessing = wanted.Preprocessing,
        SplitBasis = wanted.SplitBasis,
        Layout = wanted.Layout,
        License = wanted.License,
        Terms = wanted.Terms,
        ImageCount = images.Count,
        SubjectCount = images.Select(image => image.Subject).OfType<string>().Distinct(StringComparer.Ordinal).Count(),
        Refused = wanted.Refused,
        CreatedAt = now,
    };

    private async Task WriteImagesAsync(int versionId, List<CollectionImageEntry> images, CancellationToken cancellationToken)
    {
        Dictionary<string, int> subjects = new(StringComparer.Ordinal);
        for (int ordinal = 0; ordinal < images.Count; ordinal++)
        {
            CollectionImageEntry image = images[ordinal];
            string subject = image.Subject is { } known ? "s:" + known : image.Eye is { } eye ? "e:" + eye : "i:" + image.Path;
            if (!subjects.TryGetValue(subject, out int number)) subjects[subject] = number = subjects.Count;
            database.CollectionImages.Add(NewImage(versionId, ordinal, number, image));
            if ((ordinal + 1) % PageSize == 0) await FlushAsync<CollectionImage>(cancellationToken);
        }
        await FlushAsync<CollectionImage>(cancellationToken);
    }

    private async Task FlushAsync<T>(CancellationToken cancellationToken)
        where T : class
    {
        await database.SaveChangesAsync(cancellationToken);
        foreach (var entry in database.ChangeTracker.Entries<T>().ToList()) entry.State = EntityState.Detached;
    }

    private static CollectionImage NewImage(int versionId, int ordinal, int subjectNumber, CollectionImageEntry image) => new()
    {
        CollectionVersionId = versionId,
        Ordinal = ordinal,
        Path = image.Path,
        SourceDigest = image.Source,
        Digest = image.Image.Digest,
        Bytes = image.Image.Bytes,
        Width = image.Width,
        Height = image.Height,
        Label = image.Label,
        Modality = image.Modality,
        Split = image.Split,
        Subject = image.Subject,
        Eye = image.Eye,
        Lesions = image.Lesions,
        SubjectNumber = subjectNumber,
    };

    // Who may not see everything that lies in the object store has to have shown a blob, and does not learn from the answer whether it lies there.
    private async Task RequireShownAsync(IEnumerable<CollectionImageEntry> images, CancellationToken cancellationToken)
    {
        int projectId = (await view.TargetAsync(cancellationToken)).Id;
        foreach ((CollectionImageEntry Image, ObjectRef Blob)[] page in Blobs(images).Chunk(LookupPage))
        {
            HashSet<Sha256Digest> shown = await ProjectBlobs.Known(database, projectId, [.. page.Select(named => named.Blob.Digest)]).Select(stored => stored.Digest).ToHashSetAsync(cancellationToken);
            foreach ((CollectionImageEntry image, ObjectRef blob) in page)
            {
                if (!shown.Contains(blob.Digest)) throw NotUploaded(image, blob);
            }
        }
    }

    private async Task RequireSoundAsync(string name, NewCollectionVersion wanted, CancellationToken cancellationToken)
    {
        if (!NamePattern().IsMatch(name)) throw RefusedException.Invalid($"'{name}' is not a collection name: lower-case letters, digits and dashes, at most 63.");
        CategoryList categories = wanted.Categories;
        if (categories.Count < 2 || categories.Names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != categories.Count)
        {
            throw RefusedException.Invalid("a collection needs at least two categories with different names.");
        }
        if (categories.Background < 0 || categories.Background >= categories.Count) throw RefusedException.Invalid("the background category is not among the categories.");
        if (wanted.Images.Count == 0) throw RefusedException.Invalid("a collection needs at least one image.");
        if (wanted.Images.Select(image => image.Path).Distinct(StringComparer.Ordinal).Count() != wanted.Images.Count) throw RefusedException.Invalid("a path stands twice among the images.");
        if (SplitLeak.Find(wanted.Images) is { } leak) throw RefusedException.Invalid(leak);
        foreach (CollectionImageEntry image in wanted.Images)
        {
            if (image.Lesions?.Keys.FirstOrDefault(kind => !LesionKinds.IsName(kind)) is { } kind) throw RefusedException.Invalid($"{image.Path}: '{kind}' is no name of a kind of lesion: {LesionKinds.Rule}.");
            if (image.Label < 0 || image.Label >= categories.Count) throw RefusedException.Invalid($"{image.Path}: label {image.Label} is outside the {categories.Count} categories.");
        }
        if (view.IsConfined) await RequireShownAsync(wanted.Images, cancellationToken);
        foreach ((CollectionImageEntry image, ObjectRef blob) in Blobs(wanted.Images))
        {
            if (await objects.LengthAsync(blob.Digest, cancellationToken) != blob.Bytes) throw NotUploaded(image, blob);
        }
    }

    private static Sha256Digest DigestOf(NewCollectionVersion wanted, List<CollectionImageEntry> images)
    {
        using System.Security.Cryptography.IncrementalHash hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(
            new { wanted.Categories, wanted.Preprocessing, wanted.SplitBasis, wanted.License, wanted.Terms }, ContractJson.Options));
        foreach (CollectionImageEntry image in images) hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(image, ContractJson.Options));
        return Sha256Digest.FromHash(hash.GetHashAndReset());
    }

    private static CollectionRegistered Answer(CollectionVersion version, bool created, CollectionDifference difference) => new()
    {
        Collection = CollectionsApi.Summarize(version),
        Created = created,
        Added = difference.Added,
        Removed = difference.Removed,
        Changed = difference.Changed,
        Examples = difference.Examples,
    };

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}$")]
    private static partial Regex NamePattern();
}
