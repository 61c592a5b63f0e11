using System.Text.Json.Serialization;

namespace Factory.Contracts.Recipes;

/// <summary>One step of a recipe. A closed set: one record for each kind.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrainClassifierStep), "TrainClassifier")]
[JsonDerivedType(typeof(ComputeCamsStep), "ComputeCams")]
[JsonDerivedType(typeof(LesionMapsStep), "LesionMaps")]
[JsonDerivedType(typeof(TrainGeneratorStep), "TrainGenerator")]
[JsonDerivedType(typeof(TrainLabelGeneratorStep), "TrainLabelGenerator")]
[JsonDerivedType(typeof(SynthesizeStep), "Synthesize")]
[JsonDerivedType(typeof(PretrainStep), "Pretrain")]
[JsonDerivedType(typeof(FineTuneStep), "FineTune")]
[JsonDerivedType(typeof(EvaluateStep), "Evaluate")]
public abstract record RecipeStep
{
    /// <summary>The step's key in the recipe: letters, digits, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>The step's kind, as recipes write it.</summary>
    [JsonIgnore]
    public string Kind => GetType().Name[..^"Step".Length];

    /// <summary>Names of the steps this one needs, in a fixed order. References to checkpoints (see <see cref="StepInput"/>) are not among them.</summary>
    [JsonIgnore]
    public IEnumerable<string> Needs => Inputs.Where(input => !StepInput.IsCheckpoint(input));

    /// <summary>Every reference the step makes, to a step or to a checkpoint.</summary>
    [JsonIgnore]
    public abstract IEnumerable<string> Inputs { get; }
}

/// <summary>How steps refer: by the name of a step, or <c>checkpoint:NAME-OR-DIGEST</c> for one that is already registered.</summary>
public static class StepInput
{
    /// <summary>What a reference to a registered checkpoint begins with.</summary>
    public const string CheckpointPrefix = "checkpoint:";

    /// <summary>Whether the reference names a registered checkpoint rather than a step.</summary>
    public static bool IsCheckpoint(string input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.StartsWith(CheckpointPrefix, StringComparison.Ordinal);
    }
}
