using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Published;

namespace Factory.Cli.Commands;

/// <summary>What a person says of published weights because their file does not; all of it unset where they say nothing.</summary>
internal sealed record PublishedAnswers
{
    /// <summary>Category names in index order.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Name of the healthy category.</summary>
    public string? Background { get; init; }

    /// <summary>Side of the network's square image in pixels.</summary>
    public int? Size { get; init; }

    /// <summary>Whether channels stood as blue, green, red. Unset: no.</summary>
    public bool? Bgr { get; init; }

    /// <summary>The classifier whose CAMs a generator was trained on.</summary>
    public CheckpointDetail? Classifier { get; init; }

    /// <summary>The file of the discriminator that a generator was trained against.</summary>
    public string? Discriminator { get; init; }

    /// <summary>Requires that nothing is said, since the file says it all.</summary>
    /// <exception cref="CliException">Something is.</exception>
    public void RequireNone(string path)
    {
        if (this != new PublishedAnswers()) throw new CliException($"{path} is a checkpoint of a factory and says itself what it is; --categories, --background, --size, --channels, --classifier and --discriminator are for weights that others published.");
    }

    /// <summary>Requires that a discriminator is named with a generator only.</summary>
    /// <exception cref="CliException">It is with another network.</exception>
    public void RequireNoDiscriminatorUnlessGenerator(PublishedWeights weights, string path)
    {
        if (Discriminator is not null && weights.Kind != CheckpointKinds.Generator) throw new CliException($"{path} is a {weights.Kind} ({weights.Name}); --discriminator is for generators.");
    }

    /// <summary>The categories of a network that tells that many apart.</summary>
    /// <exception cref="CliException">They are not named, not as many, or not distinct; or the background is none of them.</exception>
    public CategoryList CategoriesOf(PublishedWeights weights, string path)
    {
        string what = $"{path} is a {weights.Kind} ({weights.Name})";
        if (weights.Categories == 0)
        {
            return Categories is null && Background is null
                ? new() { Names = [], Background = 0 }
                : throw new CliException($"{what}, which knows no categories; leave out --categories and --background.");
        }
        if (Categories is not { } names || Background is not { } healthy) throw new CliException($"{what} for {weights.Categories} categories; name them with --categories in index order, and the healthy one with --background.");
        if (names.Count != weights.Categories) throw new CliException($"{what} for {weights.Categories} categories, but --categories names {names.Count}: {string.Join(", ", names)}.");
        if (names.Any(name => name.Length == 0) || names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != names.Count) throw new CliException($"--categories must name each category once: {string.Join(", ", names)}.");
        CategoryList categories = new() { Names = names, Background = 0 };
        int background = categories.IndexOf(healthy);
        return background >= 0 ? categories with { Background = background } : throw new CliException($"--background {healthy} is none of the categories {string.Join(", ", names)}.");
    }

    /// <summary>The side of its images in pixels.</summary>
    /// <exception cref="CliException">Neither the file nor the person says it.</exception>
    public int SizeOf(PublishedWeights weights, string path) =>
        Size ?? weights.Size ?? throw new CliException($"{path} is a {weights.Kind} ({weights.Name}); say with --size how many pixels a side its images have.");

    /// <summary>The classifier of a generator; nothing for other networks.</summary>
    /// <exception cref="CliException">A generator has none, or one of other categories; or another network has one.</exception>
    public CheckpointDetail? ClassifierOf(PublishedWeights weights, CategoryList categories, string path)
    {
        if (weights.Kind != CheckpointKinds.Generator)
        {
            return Classifier is null ? null : throw new CliException($"{path} is a {weights.Kind} ({weights.Name}); --classifier is for generators.");
        }
        if (Classifier is not { } classifier) throw new CliException($"{path} is a generator ({weights.Name}); say with --classifier whose CAMs it was trained on: the scale of a condition map belongs to one classifier.");
        if (classifier.Kind != CheckpointKinds.Classifier) throw new CliException($"--classifier: {classifier.Name} is a {classifier.Kind}, a classifier is needed.");
        return classifier.Categories.Matches(categories)
            ? classifier
            : throw new CliException(string.Create(CultureInfo.InvariantCulture, $"--classifier: {classifier.Name} knows the categories {classifier.Categories}; the generator is said to have {categories}."));
    }
}
