using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Recipes;

/// <summary>The keys of training in rounds over replicas: what they are, how they are read, and that they fit one another.</summary>
internal static class RoundsFit
{
    private const string Replicas = "replicas", RoundSteps = "roundSteps", Averaging = "averaging", OuterLearningRate = "outerLearningRate", OuterMomentum = "outerMomentum";
    // Each leaves a number in every averaged checkpoint after it, whose header is bounded.
    private const int MostSegments = 200_000;
    private const double PublishedLearningRate = 0.7, PublishedMomentum = 0.9;

    /// <summary>The keys.</summary>
    public static IEnumerable<RecipeField> Fields =>
    [
        new(Replicas, new WholeType(1, 64), "Learners that train it together, each on its own part of the data, in rounds; after each round their weights are averaged. Together they see as many images as one learner would.") { Default = 1L },
        new(RoundSteps, new WholeType(10, 100_000), "Optimization steps of one round, of all replicas together; a replica's share of them is one work item. At least one a replica.") { Unset = "`segmentSteps`" },
        new(Averaging, new ChoiceType("plain", "nesterov"), "How replicas' weights become those of the next round: their mean, or a step of SGD with Nesterov's momentum towards it (DiLoCo).") { Unset = "`plain`" },
        new(OuterLearningRate, new RealType(0, 2) { AboveLeast = true }, "Learning rate of that step.") { Unset = "0.7" },
        new(OuterMomentum, new RealType(0, 0.999), "Momentum of that step.") { Unset = "0.9" },
    ];

    /// <summary>What the keys say; null: one learner.</summary>
    public static TrainingRounds? Of(FieldValues v)
    {
        if (v.Int(Replicas) == 1) return null;
        bool nesterov = v.OrNull<string>(Averaging) == "nesterov";
        return new()
        {
            Replicas = v.Int(Replicas),
            RoundSteps = v.IntOrNull(RoundSteps) ?? v.Int("segmentSteps"),
            Averaging = nesterov ? RoundAveraging.Nesterov : RoundAveraging.Plain,
            OuterLearningRate = nesterov ? v.RealOrNull(OuterLearningRate) ?? PublishedLearningRate : null,
            OuterMomentum = nesterov ? v.RealOrNull(OuterMomentum) ?? PublishedMomentum : null,
        };
    }

    /// <summary>Checks every step that trains a classifier.</summary>
    public static void Check(Recipe recipe, IReadOnlyList<WrittenStep> written, RecipeIssues issues)
    {
        foreach (WrittenStep step in written)
        {
            if (recipe.Steps.Single(candidate => candidate.Name == step.Name) is not ClassifierTrainingStep training) continue;
            if (training.Rounds is not { } rounds)
            {
                foreach (string key in new[] { RoundSteps, Averaging, OuterLearningRate, OuterMomentum }) Needless(key, "is for training over several replicas; set replicas above 1, or leave it out");
                continue;
            }
            if (rounds.Averaging == RoundAveraging.Plain)
            {
                foreach (string key in new[] { OuterLearningRate, OuterMomentum }) Needless(key, "is for averaging: nesterov; set that, or leave it out");
            }
            if (rounds.RoundSteps < rounds.Replicas)
            {
                issues.Add(step.Values!.Node(Replicas)!, Path(Replicas), $"is {rounds.Replicas}, but a round has {rounds.RoundSteps} steps and each replica needs one; use fewer, or a greater roundSteps");
            }

            if ((long)rounds.Count(Runs.Steps.ClassifierTraining.TotalSteps(training)) * rounds.Replicas is var segments and > MostSegments)
            {
                issues.Add(step.Values!.Node(Replicas)!, Path(Replicas), $"makes {segments} segments of all rounds, at most {MostSegments} are planned; use fewer, or a greater roundSteps");
            }

            void Needless(string key, string text)
            {
                if (step.Values!.Node(key) is { } node) issues.Add(node, Path(key), text);
            }

            string Path(string key) => $"{YamlTree.Join(RecipeKeys.Steps, step.Name)}.{key}";
        }
    }
}
