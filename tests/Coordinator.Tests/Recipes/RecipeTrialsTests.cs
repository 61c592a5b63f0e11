using CsCheck;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Recipes;

namespace Factory.Coordinator.Tests.Recipes;

public sealed class RecipeTrialsTests
{
    private const string Steps = """
        steps:
          scout: { kind: TrainClassifier }
          cams: { kind: ComputeCams, classifier: scout }
          generator: { kind: TrainGenerator, cams: cams, preset: tiny64 }
          corpus: { kind: Synthesize, generator: generator, samples: 100 }
          baseline: { kind: TrainClassifier }
          pretrained: { kind: Pretrain, corpus: corpus }
          finetuned: { kind: FineTune, from: pretrained }
          scores: { kind: Evaluate, models: [baseline, finetuned, "checkpoint:published"] }
        """;

    private static readonly string[] Once = ["scout", "cams", "generator", "corpus", "scores"];

    [Fact]
    public void Trials_AreOfWhatIsJudged_AndOfWhatThatStartsFrom()
    {
        Recipe recipe = Read("trials: 3");

        recipe.Steps.Select(step => step.Name).ShouldBe(
        [
            "scout", "cams", "generator", "corpus", "baseline", "baseline.trial2", "baseline.trial3",
            "pretrained", "pretrained.trial2", "pretrained.trial3", "finetuned", "finetuned.trial2", "finetuned.trial3", "scores",
        ]);
        recipe.Steps.OfType<FineTuneStep>().Select(step => step.From).ShouldBe(["pretrained", "pretrained.trial2", "pretrained.trial3"]);
        recipe.Steps.OfType<PretrainStep>().ShouldAllBe(step => step.Corpus == "corpus");
        recipe.Steps.OfType<EvaluateStep>().Single().Models.ShouldBe(
            ["baseline", "baseline.trial2", "baseline.trial3", "finetuned", "finetuned.trial2", "finetuned.trial3", "checkpoint:published"]);
    }

    [Fact]
    public void FirstTrials_AreTheStepsOfARecipeWithoutTrials() => Gen.Int[1, StepTrial.Most].Sample(
        trials =>
        {
            Recipe plain = Read(""), several = Read($"trials: {trials}");
            IEnumerable<RecipeStep> first = several.Steps.Where(step => StepTrial.Of(step.Name).Number == 1 && step is not EvaluateStep);
            first.ShouldBe(plain.Steps.Where(step => step is not EvaluateStep));
            several.Steps.Count.ShouldBe(Once.Length + (3 * trials));
            several.Steps.Select(step => step.Name).ShouldBeUnique();
            foreach (RecipeStep step in several.Steps) step.Needs.ShouldBeSubsetOf(several.Steps.Select(other => other.Name));
        },
        iter: 20);

    [Fact]
    public void OneTrial_IsTheDefault_AndChangesNoDigest()
    {
        RecipeDigest.Of(Read("trials: 1")).ShouldBe(RecipeDigest.Of(Read("")));
        RecipeDigest.Of(Read("trials: 2")).ShouldNotBe(RecipeDigest.Of(Read("")));
    }

    [Fact]
    public void StepsOwnNumber_GoesBefore()
    {
        Recipe recipe = Read("trials: 3", Steps
            .Replace("corpus: corpus", "corpus: corpus, trials: 1", StringComparison.Ordinal)
            .Replace("scout: { kind: TrainClassifier", "scout: { kind: TrainClassifier, trials: 2", StringComparison.Ordinal));

        recipe.Steps.OfType<PretrainStep>().Count().ShouldBe(1);
        recipe.Steps.OfType<FineTuneStep>().Select(step => step.From).ShouldBe(["pretrained", "pretrained", "pretrained"]);
        recipe.Steps.Count(step => StepTrial.Of(step.Name).Step == "scout").ShouldBe(2);
        recipe.Steps.OfType<ComputeCamsStep>().Single().Classifier.ShouldBe("scout");
    }

    [Theory]
    [InlineData("trials: 0", "", "", "recipe.yaml:5:9: trials: must be 1 to 20, is 0")]
    [InlineData("trials: 21", "", "", "recipe.yaml:5:9: trials: must be 1 to 20, is 21")]
    [InlineData("trials: 3", "corpus: corpus", "corpus: corpus, trials: 2", "recipe.yaml:13:38: steps.finetuned.from: step 'pretrained' has 2 trials, but 3 start from it; give it as many, or one for all")]
    [InlineData("trials: 1", "models: [baseline,", "baseline: pretrained, models: [baseline,", "recipe.yaml:14:39: steps.scores.baseline: must be one of models: baseline, finetuned, checkpoint:published")]
    [InlineData("trials: 1", "baseline: { kind: TrainClassifier }", "baseline.trial2: { kind: TrainClassifier }\n  baseline: { kind: TrainClassifier }", "recipe.yaml:11:3: steps: a step's name must be letters, digits, dashes and underscores, at most 63, is baseline.trial2")]
    public void WhatDoesNotFit_IsRefusedInItsPlace(string trials, string old, string replacement, string error)
    {
        string steps = old.Length == 0 ? Steps : Steps.Replace(old, replacement, StringComparison.Ordinal);
        RecipeText.Errors(Whole(trials, steps)).ShouldBe([error]);
    }

    private static Recipe Read(string trials, string steps = Steps) => RecipeText.Read(Whole(trials, steps));

    private static string Whole(string trials, string steps) => $"apiVersion: factory/v1\nname: trials\ncollection: eyes\nmodality: cfp\n{trials}\n{steps}";
}
