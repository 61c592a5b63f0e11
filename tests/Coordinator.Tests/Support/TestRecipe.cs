namespace Factory.Coordinator.Tests.Support;

/// <summary>Recipes small enough to follow every item of.</summary>
internal static class TestRecipe
{
    /// <summary>Ten items: two segments, one CAM block, one segment, three shards of ten samples and a contact sheet, an evaluation, a report.</summary>
    public const string Small = $"""
        {Head}
          classifier:
            kind: TrainClassifier
            size: 64
            epochs: 5
            drawsPerEpoch: 32
            segmentSteps: 10
          cams:
            kind: ComputeCams
            classifier: classifier
          generator:
            kind: TrainGenerator
            cams: cams
            preset: tiny64
            steps: 10
            segmentSteps: 10
          corpus:
            kind: Synthesize
            generator: generator
            samples: 30
            shardSize: 10
          scores:
            kind: Evaluate
            models: [classifier]
        """;

    public const string Head = """
        apiVersion: factory/v1
        name: small
        collection: eyes
        modality: cfp
        steps:
        """;
}
