using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>
/// Spells trials out: each further trial of a step becomes a step of its own (<see cref="StepTrial"/>), so that its items run beside the others', and its checkpoint, progress and
/// provenance bear its name. The first stays as written, seed and bits included.
/// </summary>
internal static class RecipeTrials
{
    /// <summary>
    /// The recipe with trials as steps. The recipe's own number is for what is judged: classifiers that an Evaluate step names, and those that these are fine-tuned from. Every other step
    /// is trained once; a step's own number goes before. Trial t is fine-tuned from trial t of what it starts from, or from its only one. CAMs and corpora are of the first trial.
    /// </summary>
    /// <param name="recipe">The recipe as written; its references must have been checked.</param>
    /// <param name="trials">The recipe's number of trials.</param>
    /// <param name="written">The steps as written.</param>
    /// <param name="issues">Takes what is wrong.</param>
    public static Recipe Spell(Recipe recipe, int trials, IReadOnlyList<WrittenStep> written, RecipeIssues issues)
    {
        HashSet<string> judged = Judged(recipe);
        Dictionary<string, int> counts = recipe.Steps.OfType<ClassifierTrainingStep>()
            .ToDictionary(step => step.Name, step => step.Trials ?? (judged.Contains(step.Name) ? trials : 1), StringComparer.Ordinal);
        foreach (FineTuneStep step in recipe.Steps.OfType<FineTuneStep>()) RequireStarts(step, counts, written, issues);
        return recipe with { Steps = [.. recipe.Steps.SelectMany(step => Spell(step, counts))] };
    }

    private static HashSet<string> Judged(Recipe recipe)
    {
        HashSet<string> judged = [.. recipe.Steps.OfType<EvaluateStep>().SelectMany(step => step.Models)];
        foreach (string model in judged.ToList())
        {
            string name = model;
            while (recipe.Steps.FirstOrDefault(step => step.Name == name) is FineTuneStep tune && judged.Add(tune.From)) name = tune.From;
        }
        return judged;
    }

    private static void RequireStarts(FineTuneStep step, Dictionary<string, int> counts, IReadOnlyList<WrittenStep> written, RecipeIssues issues)
    {
        if (!counts.TryGetValue(step.From, out int starts) || starts == 1 || starts >= counts[step.Name]) return;
        WrittenStep place = written.Single(candidate => candidate.Name == step.Name);
        issues.Add(
            place.Values!.Node("from")!, $"{YamlTree.Join(RecipeKeys.Steps, step.Name)}.from",
            $"step '{step.From}' has {starts} trials, but {counts[step.Name]} start from it; give it as many, or one for all");
    }

    private static IEnumerable<RecipeStep> Spell(RecipeStep step, Dictionary<string, int> counts) => step switch
    {
        EvaluateStep evaluate => [evaluate with { Models = [.. evaluate.Models.SelectMany(model => Names(model, counts.GetValueOrDefault(model, 1)))] }],
        FineTuneStep tune => Names(tune.Name, counts[tune.Name]).Select((name, index) =>
            tune with { Name = name, Trials = null, From = counts.GetValueOrDefault(tune.From) > 1 ? new StepTrial(tune.From, index + 1).Name : tune.From }),
        ClassifierTrainingStep training => Names(training.Name, counts[training.Name]).Select(name => training with { Name = name, Trials = null }),
        _ => [step],
    };

    private static IEnumerable<string> Names(string step, int count) => Enumerable.Range(1, count).Select(number => new StepTrial(step, number).Name);
}
