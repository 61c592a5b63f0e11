using System.Text;
using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Phantoms;

/// <summary>
/// Writes a folder of phantoms that an import takes like any user's: <c>images/{cfp,oct}/*.png</c>, the lesion masks under <c>masks/</c>,
/// <c>labels.csv</c> (<c>path,label,subject,eye,modality,mask</c>; eye ids are unique, paths relative with forward slashes) and <c>LICENSE.txt</c> (CC0).
/// Each eye has one category, the four dealt out evenly over the eyes, and one image a modality.
/// </summary>
public static class PhantomCollection
{
    private const string MarkerName = ".phantoms";

    private const string License =
        "These images are phantoms: drawn by a program from a seed. They show no person's eye.\n"
        + "They and their labels and masks are dedicated to the public domain under CC0 1.0 Universal,\n"
        + "https://creativecommons.org/publicdomain/zero/1.0/\n";

    /// <summary>Writes the collection, or finishes or repeats one that the same options began there. Each file appears whole or not at all, <c>labels.csv</c> last.</summary>
    /// <param name="directory">The folder; made where missing.</param>
    /// <param name="options">What to draw; null means the defaults.</param>
    /// <returns>The number of images, masks not counted.</returns>
    /// <exception cref="PhantomDirectoryException">The folder holds files of another origin, or a collection of other options.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">A modality is listed twice, or none is.</exception>
    public static int Write(string directory, PhantomCollectionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        options ??= new PhantomCollectionOptions();
        Validate(options);
        Claim(directory, options);
        var table = new StringBuilder("path,label,subject,eye,modality,mask\n");
        var specs = Specs(options);
        foreach (var spec in specs)
        {
            var subject = $"s{spec.Subject + 1:D4}";
            var eye = spec.Eye == PhantomEye.Left ? $"{subject}-left" : $"{subject}-right";
            var file = $"{(spec.Modality == PhantomModality.Cfp ? "cfp" : "oct")}/{eye}.png";
            var phantom = PhantomRenderer.Draw(spec);
            WriteFile(directory, $"images/{file}", ImageEncoder.EncodePng(phantom.Image));
            WriteFile(directory, $"masks/{file}", ImageEncoder.EncodeGrayPng(phantom.LesionMask, spec.Size, spec.Size));
            table.Append($"images/{file},{(PhantomCategory)spec.Category},{subject},{eye},{spec.Modality},masks/{file}\n");
        }
        WriteFile(directory, "LICENSE.txt", Encoding.UTF8.GetBytes(License));
        WriteFile(directory, "labels.csv", Encoding.UTF8.GetBytes(table.ToString()));
        return specs.Count;
    }

    /// <summary>Lists what a collection of these options shows, subject by subject, left eye first, in the order of <c>labels.csv</c>.</summary>
    /// <param name="options">What to draw.</param>
    /// <returns>One spec an image.</returns>
    public static IReadOnlyList<PhantomSpec> Specs(PhantomCollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var categories = Deal(options.Subjects * 2, options.Seed);
        return [..
            from eye in Enumerable.Range(0, options.Subjects * 2)
            from modality in options.Modalities
            select new PhantomSpec
            {
                Seed = options.Seed,
                Subject = eye / 2,
                Eye = (PhantomEye)(eye % 2),
                Category = categories[eye],
                Modality = modality,
                Size = options.Size,
            }];
    }

    /// <summary>Deals the categories like cards, a shuffled deck of four after another: counts differ by one at most.</summary>
    private static int[] Deal(int eyes, ulong seed)
    {
        var rng = new Rng(Rng.Mix(seed ^ 0x5048414E544F4D53));
        var categories = new int[eyes];
        int[] deck = [0, 1, 2, 3];
        for (var i = 0; i < eyes; i++)
        {
            var card = i % deck.Length;
            var pick = card + rng.NextInt(deck.Length - card);
            (deck[card], deck[pick]) = (deck[pick], deck[card]);
            categories[i] = deck[card];
        }
        return categories;
    }

    private static void Validate(PhantomCollectionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Subjects, 1, nameof(options.Subjects));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Subjects, 9999, nameof(options.Subjects));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Size, 16, nameof(options.Size));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Size, 4096, nameof(options.Size));
        if (options.Modalities.Count == 0 || options.Modalities.Distinct().Count() != options.Modalities.Count)
            throw new ArgumentException($"The modalities must be one or more, each once, got [{string.Join(", ", options.Modalities)}].", nameof(options));
    }

    private static void Claim(string directory, PhantomCollectionOptions options)
    {
        var marker = $"phantom collection, format 1\nsubjects={options.Subjects}\nsize={options.Size}\nseed={options.Seed}\nmodalities={string.Join('+', options.Modalities)}\n";
        var path = Path.Combine(directory, MarkerName);
        if (File.Exists(path))
        {
            if (File.ReadAllText(path) != marker)
                throw new PhantomDirectoryException(directory, $"{directory} holds a phantom collection of other options; choose another folder or delete that one.");
            return;
        }
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any(entry => Path.GetFileName(entry) != MarkerName + ".tmp"))
            throw new PhantomDirectoryException(directory, $"{directory} is not empty and no phantom collection; choose an empty or a new folder.");
        WriteFile(directory, MarkerName, Encoding.UTF8.GetBytes(marker));
    }

    private static void WriteFile(string directory, string name, byte[] bytes)
    {
        var path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".tmp", bytes);
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
