using System.Globalization;
using System.Text;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Writes the reference page of the recipe format; committed as docs/formats/recipe.md.</summary>
public static class RecipeFormatPage
{
    private const string Opening = """
        # Recipes

        <!-- Written by RecipeFormatPage from the reader's own table: change that, then run the Coordinator tests with FACTORY_UPDATE_DOCS=1. -->

        A recipe says what to make. It is one YAML document of at most 1 MiB; `factory recipe validate FILE` lists everything wrong with it, a line for each error:

        ```
        recipe.yaml:12:5: steps.corpus.samples: must be 1 to 1,000,000,000, is -3
        ```

        Examples are in `recipes/`. [recipe.schema.json](recipe.schema.json) gives editors completion; begin a file with its path or address

        ```yaml
        # yaml-language-server: $schema=../docs/formats/recipe.schema.json
        ```

        Recipes may come from strangers, so there are no anchors, aliases, tags or second documents. Unknown keys are errors. Numbers and flags are written without quotes.

        **Identity.** The digest of a recipe is the SHA-256 of what it says with defaults filled in. Comments, white space and the order of keys, steps and manipulations do not
        change it; the order of `models` does.

        **References.** A step names the step it needs, in any order; cycles are refused. Where a classifier or generator is needed, `checkpoint:NAME` or `checkpoint:DIGEST` names
        one that is registered already.

        """;

    private const string Trials = """

        ## Trials

        One training tells little: another seed gives another score. With `trials: 3` every classifier that an `Evaluate` step names, and every one that these are fine-tuned from, is trained three times, each time with a seed of its own; trial
        2 of `finetuned` starts from trial 2 of `pretrained`. The first trial is, bit for bit, what there is without `trials`, and it is the one that CAMs, generators and corpora build on; a classifier that serves them
        only is trained once. `trials` in a step goes before: `trials: 1` for what is judged but costs too much, or a number where nothing is evaluated.

        A further trial is a step of its own in the run, named `STEP.trialN`: it can be worked on beside the others, and `run show`, checkpoints and lineage name it so. `Evaluate` judges all trials on the same images, and says
        mean and sample standard deviation over the trials, and for each model how far it is from the `baseline`, with a 95 % interval over the images' subjects.

        """;

    private const string Randomness = """

        ## Seeds

        Each step's seed derives from the recipe's `seed` and the step's name, with the trial's number after the first; each sample's from its step's seed, its index and the number of its draw (SHA-256 of each, under a
        name of its own). The same recipe on the same collection version and numerics gives the same bytes.

        """;

    /// <summary>The page as Markdown that ends in a line break.</summary>
    public static string Create()
    {
        StringBuilder page = new(Opening);
        page.Append("\n## Top level\n\n");
        Table(page, RecipeKeys.All);
        page.Append("| `steps` | mapping from a step's name (letters, digits, dashes, underscores, at most 63; not `report`) to the step, 1 to 100 | required | The steps. |\n");
        Groups(page, RecipeKeys.All);
        foreach (StepKind kind in StepKinds.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## `kind: {kind.Name}`\n\n{kind.Doc}\n\n");
            Table(page, kind.Fields);
            Groups(page, kind.Fields);
        }
        ManipulationTable(page);
        page.Append(Trials);
        page.Append(Randomness);
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void Table(StringBuilder page, IEnumerable<RecipeField> fields)
    {
        page.Append("| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (RecipeField field in fields)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{field.Key}` | {field.Type.Words} | {FieldSchema.Words(field)} | {field.Doc} |\n");
        }
    }

    private static void Groups(StringBuilder page, IEnumerable<RecipeField> fields)
    {
        foreach (RecipeField field in fields)
        {
            if (field.Type is not GroupType group) continue;
            page.Append(CultureInfo.InvariantCulture, $"\nUnder `{field.Key}`:\n\n");
            Table(page, group.Fields);
        }
    }

    private static void ManipulationTable(StringBuilder page)
    {
        page.Append("\n## Manipulations\n\nUnder `manipulations`, for example `{ flr: 1, gain: { weight: 2, range: [0.6, 1.5] } }`. Weights are relative, above 0, 1 where only a range is given.\n\n");
        page.Append("| name | range of | from, to | default range | what it does |\n|---|---|---|---|---|\n");
        foreach ((string name, ManipulationTraits traits) in Manipulations.All)
        {
            string limits = traits.Parameter is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{traits.Least}, {traits.Most}");
            string usual = traits.Default is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range[0]}, {range[1]}") : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {traits.Parameter ?? "none"} | {limits} | {usual} | {traits.Summary} |\n");
        }
    }
}
