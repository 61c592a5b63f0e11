using Factory.Contracts;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>Checks that what steps see fits what they are asked for and what they build on.</summary>
internal static class ModalityFit
{
    public static void Check(Recipe recipe, IReadOnlyList<WrittenStep> written, RecipeIssues issues)
    {
        foreach (WrittenStep step in written)
        {
            Fit fit = new(recipe, step, issues);
            RecipeStep meant = recipe.Steps.Single(candidate => candidate.Name == step.Name);
            switch (meant)
            {
                case TrainClassifierStep train:
                    fit.Pairing(train, train.Pairing);
                    break;
                case FineTuneStep tune:
                    fit.Said(tune, tune.From);
                    fit.Pairing(tune, tune.Pairing);
                    break;
                case ComputeCamsStep cams:
                    fit.Said(cams, cams.Classifier);
                    fit.OneStream(cams);
                    break;
                case TrainGeneratorStep { From: { } stage1 } generator:
                    fit.Same("from", stage1, RecipeModalities.Of(recipe, generator));
                    break;
                case SynthesizeStep corpus:
                    fit.Said(corpus, corpus.Cams ?? corpus.Generator);
                    fit.Same("generator", corpus.Generator, RecipeModalities.Of(recipe, corpus));
                    if (corpus.Judge is { } judge) fit.Same("judge", judge, RecipeModalities.Of(recipe, corpus));
                    if (corpus.Quality?.Features is { } features) fit.Same("quality", features, RecipeModalities.Of(recipe, corpus));
                    if (RecipeModalities.Of(recipe, corpus) == StepModality.Oct) SynthesizeKind.CheckRows(step.Values!, fit.Path, issues);
                    break;
                case PretrainStep { OctCorpus: { } oct } pretrain:
                    fit.Same("corpus", pretrain.Corpus, StepModality.Cfp);
                    fit.Same("octCorpus", oct, StepModality.Oct);
                    break;
                case EvaluateStep { Modality: { } seen and not StepModality.Both } evaluate:
                    foreach (string model in evaluate.Models) fit.Same("models", model, seen);
                    break;
            }
        }
    }

    private static string Word(StepModality modality) => modality.ToString().ToLowerInvariant();

    /// <summary>The checks of one step.</summary>
    private sealed class Fit(Recipe recipe, WrittenStep step, RecipeIssues issues)
    {
        public string Path { get; } = YamlTree.Join(RecipeKeys.Steps, step.Name);

        /// <summary>What a step says that it sees is what the step it builds on sees.</summary>
        public void Said(RecipeStep meant, string reference)
        {
            if (StepInput.IsCheckpoint(reference) || RecipeModalities.Said(meant) is not { } said || RecipeModalities.Inherited(recipe, meant) is var given && said == given) return;
            Note("modality", $"is {Word(said)}, but step '{reference}' sees {Word(given)}; leave it out");
        }

        /// <summary>Images are paired only where both modalities are seen.</summary>
        public void Pairing(RecipeStep meant, Pairing? pairing)
        {
            if (pairing is not null && RecipeModalities.Of(recipe, meant) is not StepModality.Both and var seen) Note("pairing", $"is for classifiers that see both modalities, and this one sees {Word(seen)}; set modality: both, or leave it out");
        }

        /// <summary>CAMs are of one modality.</summary>
        public void OneStream(ComputeCamsStep cams)
        {
            if (RecipeModalities.Of(recipe, cams) == StepModality.Both) Note("classifier", $"step '{cams.Classifier}' is of two streams; a classifier of one modality is needed");
        }

        /// <summary>What is referred to sees what is needed.</summary>
        public void Same(string key, string reference, StepModality needed)
        {
            if (!StepInput.IsCheckpoint(reference) && RecipeModalities.Of(recipe, reference) is var given && given != needed) Note(key, $"step '{reference}' sees {Word(given)}, but {Word(needed)} is needed");
        }

        private void Note(string key, string text) => issues.Add(step.Values!.Node(key)!, $"{Path}.{key}", text);
    }
}
