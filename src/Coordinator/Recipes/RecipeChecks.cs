using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Checks a recipe against the collection it names.</summary>
public static class RecipeChecks
{
    /// <summary>Refuses a recipe whose categories do not fit its collection.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="fileName">Name of its file, for messages.</param>
    /// <param name="yaml">The text it was read from, for places.</param>
    /// <param name="categories">The collection's categories.</param>
    /// <exception cref="RecipeInvalidException">Counts name an unknown category, or the background where it is not synthesized; or a classifier would learn from one category only.</exception>
    public static void AgainstCollection(Recipe recipe, string fileName, string yaml, CategoryList categories)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(categories);
        RecipeIssues issues = new(fileName);
        YamlMap? written = YamlTree.Read(yaml, issues)[RecipeKeys.Steps] as YamlMap;
        foreach (SynthesizeStep corpus in recipe.Steps.OfType<SynthesizeStep>())
        {
            YamlMap step = written?[corpus.Name] as YamlMap ?? throw new ArgumentException($"The text has no step '{corpus.Name}'; it is not this recipe's.", nameof(yaml));
            CheckCounts(corpus, (step["counts"] as YamlMap)?.Entries ?? [], categories, issues);
            bool learnedFrom = recipe.Steps.OfType<PretrainStep>().Any(pretrain => pretrain.Corpus == corpus.Name);
            if (learnedFrom && Learned(corpus, categories) < 2)
            {
                issues.Add(step, YamlTree.Join(RecipeKeys.Steps, corpus.Name), "has samples of one category only, but a classifier is pre-trained on it; ask for more categories, or let the background join (background: real)");
            }
        }
        issues.ThrowIfAny();
    }

    private static void CheckCounts(SynthesizeStep corpus, IReadOnlyList<YamlEntry> counts, CategoryList categories, RecipeIssues issues)
    {
        Dictionary<int, string> seen = [];
        foreach (YamlText name in counts.Select(entry => entry.Key))
        {
            string field = $"{RecipeKeys.Steps}.{corpus.Name}.counts.{name.Value}";
            int category = categories.IndexOf(name.Value);
            if (category < 0)
            {
                issues.Add(name, field, $"the collection has no category '{name.Value}'{NearestName.Hint(name.Value, categories.Names, "categories")}");
            }
            else if (!seen.TryAdd(category, name.Value))
            {
                issues.Add(name, field, $"is the same category as '{seen[category]}'");
            }
            else if (category == categories.Background && corpus.Background != "synthesize" && corpus.Counts?[name.Value] > 0)
            {
                issues.Add(name, field, $"{categories.Names[category]} is the background, and background is '{corpus.Background}'; ask for none, or set background: synthesize");
            }
        }
    }

    /// <summary>Categories that a classifier trained on the corpus sees.</summary>
    private static int Learned(SynthesizeStep corpus, CategoryList categories)
    {
        int lesions = corpus.Counts is { } counts
            ? counts.Where(pair => pair.Value > 0).Select(pair => categories.IndexOf(pair.Key)).Count(category => category != categories.Background)
            : categories.Count - 1;
        bool background = corpus.Background == "real"
            || (corpus.Background == "synthesize" && (corpus.Counts is null || corpus.Counts.Any(pair => pair.Value > 0 && categories.IndexOf(pair.Key) == categories.Background)));
        return lesions + (background ? 1 : 0);
    }
}
