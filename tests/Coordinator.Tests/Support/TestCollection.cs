using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Collections;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Collections of images nobody has to decode.</summary>
internal static class TestCollection
{
    public const string Name = "eyes";

    public static CategoryList Categories { get; } = new() { Names = ["Normal", "Sick"], Background = 0 };

    /// <summary>Subjects with one image each; every fourth validates, every fourth is held out.</summary>
    public static async Task<NewCollectionVersion> MakeAsync(CoordinatorHost host, int subjects = 16, int size = 64)
    {
        List<CollectionImageEntry> images = [];
        for (int subject = 0; subject < subjects; subject++) images.Add(await ImageAsync(host, subject, size));
        return new()
        {
            Categories = Categories,
            Images = images,
            Refused = [],
            Preprocessing = new() { Size = size },
            SplitBasis = "subject",
            Layout = "csv",
        };
    }

    /// <summary>The same, with two OCT images beside each CFP, and ids of eyes where they are asked for.</summary>
    public static async Task<NewCollectionVersion> MakePairsAsync(CoordinatorHost host, bool eyes = true)
    {
        NewCollectionVersion single = await MakeAsync(host);
        List<CollectionImageEntry> images = [.. single.Images.Select(image => image with { Eye = eyes ? image.Subject : null })];
        foreach (CollectionImageEntry cfp in images.ToList())
        {
            foreach (int slice in new[] { 1, 2 })
            {
                ObjectRef oct = await host.StoreAsync($"slice {slice} of {cfp.Path}");
                images.Add(cfp with { Path = cfp.Path.Replace(".png", $"-oct-{slice}.png", StringComparison.Ordinal), Source = oct.Digest, Image = oct, Modality = Modality.Oct });
            }
        }
        return single with { Images = [.. images.OrderBy(image => image.Path, StringComparer.Ordinal)] };
    }

    public static async Task<CollectionImageEntry> ImageAsync(CoordinatorHost host, int subject, int size = 64)
    {
        ObjectRef image = await host.StoreAsync($"image of subject {subject} at {size} px");
        return new()
        {
            Path = $"images/{subject:d4}.png",
            Source = image.Digest,
            Image = image,
            Width = size,
            Height = size,
            Label = subject / 4 % 2,
            Modality = Modality.Cfp,
            Split = (subject % 4) switch { 2 => Split.Validation, 3 => Split.Test, _ => Split.Train },
            Subject = $"s{subject}",
        };
    }

    public static Task<CollectionRegistered> RegisterAsync(this CoordinatorHost host, NewCollectionVersion version, string name = Name) =>
        host.ScopedAsync<CollectionRegistration, CollectionRegistered>(registration => registration.RegisterAsync(name, version, CancellationToken.None));
}
