using System.CommandLine;
using Factory.Cli.Output;
using Factory.Contracts.Api;

namespace Factory.Cli.Commands;

/// <summary><c>factory recipe ...</c></summary>
internal static class RecipeCommands
{
    private static readonly Argument<string> File = new("RECIPE") { Description = "The recipe, a YAML file." };

    public static Command Create() => new("recipe", "Check recipes before they run.") { Shared.Project, Validate(), Plan() };

    private static Command Validate()
    {
        Command command = new("validate", "Check a recipe's text, without collections or checkpoints.") { File };
        command.Does(async (arguments, cancellationToken) =>
        {
            string path = arguments.GetValue(File)!;
            Contracts.Recipes.Recipe recipe = Coordinator.Recipes.RecipeReader.Read(await RecipeFile.ReadAsync(path, cancellationToken), path);
            Console.WriteLine($"{path}: valid; {recipe.Steps.Count} steps, digest {Coordinator.Recipes.RecipeDigest.Of(recipe)}");
            return 0;
        });
        return command;
    }

    private static Command Plan()
    {
        Command command = new("plan", "Check a recipe against its collection and show the work it makes, and how long it takes where that was measured.") { File };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            string path = arguments.GetValue(File)!;
            RecipePlan plan = await session.Client.PostRecipeAsync<RecipePlan>(
                Routes.RecipePlan, await RecipeFile.ReadAsync(path, cancellationToken), path, cancellationToken);
            PlanView.Print(plan);
            return 0;
        });
        return command;
    }
}
