using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published;

namespace Factory.Cli.Commands;

/// <summary>A file of weights as it is to be registered.</summary>
internal sealed record CheckpointFile
{
    private const string KindKey = "kind", DiscriminatorKind = "discriminator";

    /// <summary>The checkpoint's bytes: the file's own where a factory wrote it, else converted.</summary>
    public required byte[] Content { get; init; }

    /// <summary>What is to be registered of it.</summary>
    public required NewCheckpoint Described { get; init; }

    /// <summary>What conversion changed, a line each.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>Reads a file.</summary>
    /// <param name="name">What it is to be called.</param>
    /// <param name="path">The file.</param>
    /// <param name="answers">What the file does not say.</param>
    /// <exception cref="CliException">It is not there, damaged, of no network that the factory can use, or something is not said.</exception>
    public static CheckpointFile Open(string name, string path, PublishedAnswers answers)
    {
        if (!File.Exists(path)) throw new CliException($"there is no file {path}.");
        try
        {
            using WeightFile file = WeightFile.Open(path);
            if (!file.Metadata.ContainsKey(KindKey)) return Published(name, path, file, answers);
        }
        catch (Exception unfit) when (unfit is WeightFileException or CheckpointException or ArgumentException)
        {
            throw new CliException($"{(answers.Discriminator is { } other ? $"{path} with {other}" : path)}: {unfit.Message}");
        }
        answers.RequireNone(path);
        if (new FileInfo(path).Length > Array.MaxLength) throw new CliException($"{path} has more than {Array.MaxLength} bytes, which no checkpoint of a factory has.");
        byte[] content = File.ReadAllBytes(path);
        return new() { Content = content, Described = Own(name, path, content) };
    }

    private static CheckpointFile Published(string name, string path, WeightFile file, PublishedAnswers answers)
    {
        PublishedWeights weights = PublishedWeights.Recognize(file);
        if (!CheckpointKinds.All.Contains(weights.Kind))
        {
            string with = weights.Kind == DiscriminatorKind ? ", and a generator with its discriminator (--discriminator)" : "";
            throw new CliException($"{path} is a {weights.Kind} ({weights.Name}), which no step of a recipe takes; a {string.Join(", ", CheckpointKinds.All)} network can be imported{with}.");
        }
        answers.RequireNoDiscriminatorUnlessGenerator(weights, path);
        CategoryList categories = answers.CategoriesOf(weights, path);
        int size = answers.SizeOf(weights, path);
        Sha256Digest? classifier = answers.ClassifierOf(weights, categories, path)?.Object.Digest;
        using WeightFile? discriminator = answers.Discriminator is { } other ? OpenDiscriminator(other) : null;
        using MemoryStream written = new();
        weights.Write(written, new()
        {
            CategoryNames = categories.Names,
            Background = categories.Background,
            Size = size,
            Bgr = answers.Bgr ?? false,
            Classifier = classifier?.Hex,
            Origin = DigestOf(path).Hex,
            Discriminator = discriminator is null ? null : new(PublishedWeights.Recognize(discriminator), DigestOf(answers.Discriminator!).Hex),
        });
        byte[] content = written.ToArray();
        return new()
        {
            Content = content,
            Described = new() { Name = name, Object = BlobOf(content), Kind = weights.Kind, Architecture = weights.Name, Categories = categories, Size = size, Classifier = classifier },
            Changes = weights.Changes,
        };
    }

    private static WeightFile OpenDiscriminator(string path)
    {
        if (!File.Exists(path)) throw new CliException($"--discriminator: there is no file {path}.");
        return WeightFile.Open(path);
    }

    // A checkpoint of a factory describes itself.
    private static NewCheckpoint Own(string name, string path, byte[] content)
    {
        try
        {
            using SafeTensorsFile file = SafeTensors.Read(content);
            NewCheckpoint bare = new() { Name = name, Object = BlobOf(content), Kind = file.Require(KindKey), Architecture = Vgg19Features.Name, Categories = new() { Names = [], Background = 0 }, Size = 0 };
            return bare.Kind switch
            {
                CheckpointKinds.Classifier or CheckpointKinds.TwoStream => Classifier(bare, file),
                CheckpointKinds.Generator => Generator(bare, file),
                CheckpointKinds.LabelGenerator => LabelGenerator(bare, file),
                CheckpointKinds.Perceptual => Perceptual(bare, file),
                string other => throw new CliException($"{path} is a {other} checkpoint; a {string.Join(", ", CheckpointKinds.All)} checkpoint is needed (factory checkpoint export writes one)."),
            };
        }
        catch (Exception damage) when (damage is SafeTensorsException or CheckpointException or FormatException or JsonException)
        {
            throw new CliException($"{path}: {damage.Message}");
        }
    }

    private static NewCheckpoint Classifier(NewCheckpoint bare, SafeTensorsFile file)
    {
        ClassifierArchitecture architecture = ClassifierArchitecture.FromJson(file.Require("architecture"));
        return bare with
        {
            Architecture = architecture.Word,
            Categories = Categories(file, "categories"),
            Size = architecture.Size,
        };
    }

    private static NewCheckpoint Generator(NewCheckpoint bare, SafeTensorsFile file)
    {
        GeneratorArchitecture architecture = GeneratorArchitecture.FromJson(file.Require("architecture"));
        string? lesions = file.Metadata.GetValueOrDefault("annotation.lesions");
        return bare with
        {
            Architecture = architecture.Name,
            Categories = Categories(file, "annotation.categories"),
            Size = architecture.Size,
            Classifier = lesions is null ? Sha256Digest.Parse(file.Require("annotation.classifier")) : null,
            Lesions = lesions is null ? null : JsonSerializer.Deserialize<LesionMapSpec>(lesions, ContractJson.Options),
        };
    }

    private static NewCheckpoint LabelGenerator(NewCheckpoint bare, SafeTensorsFile file)
    {
        LabelGeneratorArchitecture architecture = LabelGeneratorArchitecture.FromJson(file.Require("architecture"));
        return bare with { Architecture = $"label-{architecture.Name}", Categories = Categories(file, "annotation.categories"), Size = architecture.Size };
    }

    private static NewCheckpoint Perceptual(NewCheckpoint bare, SafeTensorsFile file)
    {
        Vgg19Features.Load(file).Dispose();
        return bare with { Size = Vgg19Features.PublishedSize };
    }

    private static CategoryList Categories(SafeTensorsFile file, string key) => new()
    {
        Names = JsonSerializer.Deserialize<List<string>>(file.Require(key))!,
        Background = int.Parse(file.Require("annotation.background"), CultureInfo.InvariantCulture),
    };

    private static ObjectRef BlobOf(byte[] content) => new() { Digest = Sha256Digest.Of(content), Bytes = content.Length, MediaType = MediaTypes.SafeTensors };

    private static Sha256Digest DigestOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Sha256Digest.FromHash(SHA256.HashData(file));
    }
}
