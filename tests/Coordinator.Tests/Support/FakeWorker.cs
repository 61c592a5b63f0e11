using System.Collections.Concurrent;
using System.Text;
using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Storage.Objects;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Answers invitations with artifacts that depend on what they ask for and on nothing else, as a real worker's do.</summary>
internal sealed class FakeWorker
{
    private const int ClassifierSteps = 20;

    /// <summary>Is called with each command before it is computed; what it throws fails the attempt.</summary>
    public Func<IWorkCommand, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>Items being worked on just now.</summary>
    public ConcurrentDictionary<long, int> Busy { get; } = new();

    /// <summary>The result of an attempt, its artifacts stored.</summary>
    public static async Task<object> ComputeAsync(IObjectStore objects, IWorkCommand command, AttemptRef attempt)
    {
        Task<ObjectRef> Store(string content) => objects.PutAsync(Encoding.UTF8.GetBytes(content), "application/octet-stream", CancellationToken.None);
        return command switch
        {
            TrainClassifierSegment segment => await TrainAsync(objects, attempt, $"classifier {segment.Training.Seed} {segment.Dataset.Digest}", segment.Resume, segment.Steps, ClassifierSteps),
            TrainReplicaSegment segment => await TrainAsync(
                objects, attempt, $"replica {segment.Replica} {segment.Training.Seed} {segment.Dataset.Digest} from {segment.Average?.Digest}", segment.Resume, segment.Steps, int.MaxValue),
            AverageCheckpoints round => await TrainAsync(
                objects, attempt, $"average {string.Join(' ', round.Replicas.Select(replica => replica.Digest))}", round.Resume,
                round.Rounds.StepsOf(round.Round, round.Training.Epochs * round.Training.DrawsPerEpoch / round.Training.BatchSize), round.Training.Epochs * round.Training.DrawsPerEpoch / round.Training.BatchSize),
            TrainGeneratorSegment segment => await TrainAsync(objects, attempt, $"generator {segment.Seed} {segment.Sources.Digest}", segment.Resume, segment.Steps, segment.TotalSteps!.Value, segment.PreviewSteps),
            TrainLabelGeneratorSegment segment => await TrainAsync(objects, attempt, $"label generator {segment.Seed} {segment.Dataset.Digest}", segment.Resume, segment.Steps, segment.TotalSteps),
            ComputeCamBlock block => new CamBlockComputed
            {
                Attempt = attempt,
                Artifact = await Store($"CAMs by {block.Classifier.Digest} of {string.Join(' ', block.Images.Select(image => image.Digest))}"),
            },
            GenerateShard shard => await GenerateAsync(objects, shard, attempt),
            RenderContactSheet sheet => new ContactSheetRendered { Attempt = attempt, Artifact = await Store($"sheet {sheet.Synthesis.Seed}") },
            MeasureCorpus corpus => new CorpusMeasured
            {
                Attempt = attempt,
                Artifact = await Store($"figures of {corpus.Corpus.Digest} by {corpus.Features.Digest}"),
                All = new() { Samples = corpus.Samples, Images = 1, Kernel = 0.5 },
            },
            EvaluateModels models => new ModelsEvaluated { Attempt = attempt, Artifact = await Store($"scores {models.Seed}") },
            RenderReport report => new ReportRendered
            {
                Attempt = attempt,
                Artifact = await Store($"page {report.Content.Digest}"),
                Markdown = await Store($"text {report.Content.Digest}"),
            },
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not known here."),
        };
    }

    private static async Task<SegmentTrained> TrainAsync(IObjectStore objects, AttemptRef attempt, string what, ObjectRef? resume, int steps, int total, int? previewSteps = null)
    {
        int before = resume is null ? 0 : int.Parse(Encoding.UTF8.GetString(await objects.ReadAsync(resume, CancellationToken.None)).Split(' ')[^1], null);
        int done = Math.Min(before + steps, total);
        return new()
        {
            Attempt = attempt,
            Artifact = await objects.PutAsync(Encoding.UTF8.GetBytes($"{what} after {done}"), MediaTypes.SafeTensors, CancellationToken.None),
            Curve = await objects.PutAsync(Encoding.UTF8.GetBytes($"curve of {what} after {done}"), MediaTypes.Json, CancellationToken.None),
            Finished = done == total,
            StepsDone = done,
            Previews = previewSteps is null ? null : [new() { Step = done, Grid = await objects.PutAsync(Encoding.UTF8.GetBytes($"grid of {what} after {done}"), MediaTypes.Png, CancellationToken.None) }],
        };
    }

    private static async Task<ShardGenerated> GenerateAsync(IObjectStore objects, GenerateShard shard, AttemptRef attempt)
    {
        SamplePlan plan = shard.Sources is { } list
            ? SamplePlan.Of(await JsonLines.ReadAsync<CamSource>(objects, list, CancellationToken.None).ToListAsync(), shard.Synthesis)
            : SamplePlan.OfLabels(shard.Synthesis);
        int[] counts = new int[shard.Synthesis.Categories.Count];
        List<SampleRecord> records = [];
        for (long index = shard.First; index < shard.First + shard.Count; index++)
        {
            SampleDraw draw = plan.Draw(index);
            counts[draw.Label]++;
            records.Add(new()
            {
                Key = $"{shard.Synthesis.Seed:x16}-{index:d8}",
                Index = index,
                Draw = 0,
                Label = draw.Label,
                Source = shard.Sources is null ? null : draw.Source,
                Manipulation = shard.Sources is null ? "none" : "flr",
                Parameters = new Dictionary<string, double>(),
                Seed = shard.Synthesis.Seed + (ulong)index,
                Image = Sha256Digest.Of(BitConverter.GetBytes(index)),
                Scores = new Dictionary<string, double>(),
            });
        }
        return new()
        {
            Attempt = attempt,
            Artifact = await objects.PutAsync(Encoding.UTF8.GetBytes($"shard {shard.Generator.Digest} {shard.Synthesis.Seed} {shard.First} {shard.Count}"), "application/x-tar", CancellationToken.None),
            Provenance = await JsonLines.WriteAsync(objects, records, CancellationToken.None),
            Counts = counts,
            Rejected = new Dictionary<string, int>(),
            ForwardSeconds = attempt.Number,
            WallSeconds = attempt.Number,
        };
    }
}
