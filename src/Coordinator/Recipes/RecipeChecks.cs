using Factory.Contracts;
using Factory.Contracts.Recipes;
using YamlDotNet.RepresentationModel;

namespace Factory.Coordinator.Recipes;

/// <summary>What a recipe can only be held against once its collection is known.</summary>
public static class RecipeChecks
{
    /// <summary>Holds a recipe against the categories of its collection.</summary>
    /// <param name="recipe">The recipe as read.</param>
    /// <param name="file">Its file, for messages.</param>
    /// <param name="yaml">Its text, for lines.</param>
    /// <param name="categories">The collection's categories.</param>
    /// <exception cref="RecipeInvalidException">It names categories there are not, or asks for the background without synthesizing it.</exception>
    public static void AgainstCollection(Recipe recipe, string file, string yaml, CategoryList categories)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(categories);
        FieldChecks checks = new(file);
        YamlMappingNode steps = (YamlMappingNode)FieldChecks.Find((YamlMappingNode)YamlTree.Parse(yaml, file), "steps")!;
        foreach (SynthesizeStep step in recipe.Steps.OfType<SynthesizeStep>())
        {
            YamlMappingNode node = (YamlMappingNode)FieldChecks.Find(steps, step.Name)!;
            foreach ((string name, long count) in step.Counts ?? new Dictionary<string, long>())
            {
                YamlNode at = ((YamlMappingNode)FieldChecks.Find(node, "counts")!).Children.First(child => ((YamlScalarNode)child.Key).Value == name).Key;
                string path = $"steps.{step.Name}.counts.{name}";
                if (categories.IndexOf(name) < 0) checks.Add(at, path, $"the collection has no category '{name}'; {Spelling.Hint(name, categories.Names)}");
                else if (count > 0 && categories.IndexOf(name) == categories.Background && step.Background != "synthesize") checks.Add(at, path, $"{name} is the background category; say background: synthesize to make samples of it.");
            }
            if (recipe.Modality != Modality.Oct) continue;
            foreach (ManipulationChoice choice in step.Manipulations.Where(choice => !Manipulations.All[choice.Name].KeepsRows))
            {
                checks.Add(FieldChecks.Find(node, "manipulations")!, $"steps.{step.Name}.manipulations.{choice.Name}", "moves lesions across the layers of the retina and cannot be used for OCT.");
            }
        }
        checks.ThrowIfAny();
    }
}
