using Factory.Contracts.Recipes;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

/// <summary>A recipe to vary, and where the repository's own files are.</summary>
internal static class RecipeText
{
    /// <summary>Every kind of step, on lines that tests count on: steps begin on line 5.</summary>
    public const string Whole = """
        apiVersion: factory/v1
        name: whole
        collection: eyes@3
        modality: cfp
        steps:
          classifier:
            kind: TrainClassifier
          cams:
            kind: ComputeCams
            classifier: classifier
          generator:
            kind: TrainGenerator
            cams: cams
            preset: tiny
          corpus:
            kind: Synthesize
            generator: generator
            samples: 100
          pretrained:
            kind: Pretrain
            corpus: corpus
          finetuned:
            kind: FineTune
            from: pretrained
          scores:
            kind: Evaluate
            models: [classifier, finetuned, "checkpoint:published"]
        """;

    public static string Root { get; } = FindRoot();

    public static Recipe Read(string yaml) => RecipeReader.Read(yaml, "recipe.yaml");

    /// <summary>The recipe with one text replaced by another.</summary>
    public static string With(string old, string replacement)
    {
        Whole.ShouldContain(old);
        return Whole.Replace(old, replacement, StringComparison.Ordinal);
    }

    /// <summary>What the reader says against a text, one line an error.</summary>
    public static string[] Errors(string yaml) => [.. Should.Throw<RecipeInvalidException>(() => Read(yaml)).Errors.Select(error => error.ToString())];

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Factory.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("The tests read the repository they were built in.");
    }
}
