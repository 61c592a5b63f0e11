using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Registers the checkpoint that a training step made.</summary>
internal static class StepCheckpoint
{
    /// <summary>Adds the step's checkpoint to the context, where the step made one.</summary>
    public static async Task RegisterAsync(StepScope scope, DateTime now, CancellationToken cancellationToken)
    {
        if (scope.Step.Output?.Checkpoint is not { } artifact) return;
        WorkItem last = await scope.Database.WorkItems.Where(item => item.RunStepId == scope.Step.Id)
            .OrderByDescending(item => item.Ordinal).FirstAsync(cancellationToken);
        (string kind, string architecture, int size) = Describe(WorkCommands.Restore(last));
        scope.Database.Checkpoints.Add(new()
        {
            ProjectId = scope.Run.ProjectId,
            Name = await FreeNameAsync(scope, $"{scope.Run.Name}-{scope.Run.Id}-{scope.Step.Name}", cancellationToken),
            Digest = artifact.Digest,
            Bytes = artifact.Bytes,
            Kind = kind,
            Architecture = architecture,
            Categories = scope.Categories,
            Size = size,
            Classifier = scope.Step.Output.Classifier?.Digest,
            Lesions = scope.Step.Output.Lesions,
            WorkItemId = last.Id,
            RunId = scope.Run.Id,
            Step = scope.Step.Name,
            CreatedAt = now,
        });
    }

    // Somebody may have registered a checkpoint of that very name.
    private static async Task<string> FreeNameAsync(StepScope scope, string wanted, CancellationToken cancellationToken)
    {
        string name = wanted;
        for (int number = 2; await scope.Database.Checkpoints.AnyAsync(checkpoint => checkpoint.ProjectId == scope.Run.ProjectId && checkpoint.Name == name, cancellationToken); number++) name = $"{wanted}-{number}";
        return name;
    }

    private static (string Kind, string Architecture, int Size) Describe(IWorkCommand command) => command switch
    {
        TrainClassifierSegment segment => Describe(segment.Training),
        AverageCheckpoints round => Describe(round.Training),
        TrainLabelGeneratorSegment label => (CheckpointKinds.LabelGenerator, LabelArchitecture.Of(label.Preset), LabelGeneratorPresets.All[label.Preset].Size),
        TrainGeneratorSegment generator => ("generator", generator.Preset, GeneratorPresets.Sizes[generator.Preset]),
        _ => throw new InvalidOperationException($"{command.GetType().Name} makes no checkpoint."),
    };

    private static (string Kind, string Architecture, int Size) Describe(ClassifierTrainingSpec training)
    {
        CheckpointShape shape = new(training.Architecture, training.Width, training.OutputStride, training.Pairing is not null);
        return (shape.Kind, shape.ToString(), training.Size);
    }
}
