using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

/// <summary>What is committed beside the code: the format's page and schema, and the examples.</summary>
public sealed class RecipeDocumentsTests
{
    private const string Update = "FACTORY_UPDATE_DOCS";

    public static TheoryData<string> Examples => [.. Directory.EnumerateFiles(Path.Combine(RecipeText.Root, "recipes"), "*.yaml", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(RecipeText.Root, "recipes"), path))];

    [Fact]
    public void FormatPage_IsUpToDate() => RequireUpToDate("docs/formats/recipe.md", RecipeFormatPage.Create());

    [Fact]
    public void Schema_IsUpToDate() => RequireUpToDate("docs/formats/recipe.schema.json", RecipeSchema.Create());

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsValid_AndFitsItsCollection(string file)
    {
        string yaml = File.ReadAllText(Path.Combine(RecipeText.Root, "recipes", file));
        Recipe recipe = RecipeReader.Read(yaml, file);
        RecipeChecks.AgainstCollection(recipe, file, yaml, CategoryList.Amd);
    }

    [Fact]
    public void Schema_KnowsEveryKeyOfEveryRecord()
    {
        JsonNode schema = JsonNode.Parse(RecipeSchema.Create())!;
        foreach (Type step in typeof(RecipeStep).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(RecipeStep)) && !type.IsAbstract))
        {
            // Rounds are one member, whose keys stand beside the step's others.
            string[] members = [.. step.GetProperties().SelectMany(member => member.PropertyType == typeof(TrainingRounds) ? typeof(TrainingRounds).GetProperties() : [member])
                .Where(member => member.CanWrite && member.Name != nameof(RecipeStep.Name)).Select(member => char.ToLowerInvariant(member.Name[0]) + member.Name[1..])];
            JsonObject keys = schema["$defs"]![step.Name[..^"Step".Length]]!["properties"]!.AsObject();
            keys.Select(key => key.Key).ShouldBe(["kind", .. members], ignoreOrder: true);
        }
    }

    private static void RequireUpToDate(string path, string content)
    {
        string file = Path.Combine(RecipeText.Root, path);
        if (Environment.GetEnvironmentVariable(Update) == "1") File.WriteAllText(file, content);
        string committed = File.Exists(file) ? File.ReadAllText(file) : "";
        (committed == content).ShouldBeTrue($"{path} no longer says what the reader does: run {Update}=1 dotnet run --project tests/Coordinator.Tests, and commit it");
    }
}
