using Factory.Contracts.Work;
using Factory.GpuWorker.Telemetry;

namespace Factory.GpuWorker.Generation;

/// <summary>The pipeline behind a shard: prepare, generate, encode, batch after batch.</summary>
internal sealed class ShardGeneration
{
    private readonly GenerateShard _command;
    private readonly ISampleDraws _draws;
    private readonly BatchGeneration _generation;
    private readonly SampleEncoder _encoder;
    private readonly Phases _phases;

    /// <summary>Puts the pipeline together; <see cref="ShardWorkshop.OpenAsync"/> reads what it needs.</summary>
    public ShardGeneration(GenerateShard command, ISampleDraws draws, BatchGeneration generation, Phases phases) =>
        (_command, _draws, _generation, _encoder, _phases) = (command, draws, generation, new(command), phases);

    /// <summary>Seconds in the generator's forward pass so far.</summary>
    public double ForwardSeconds => _generation.ForwardSeconds;

    /// <summary>Samples left out so far, by reason.</summary>
    public IReadOnlyDictionary<string, int> Rejected => _generation.Rejected;

    /// <summary>Makes all samples of the shard.</summary>
    /// <param name="report">Told how many samples are done.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    /// <returns>The samples kept, in no order.</returns>
    public async Task<List<EncodedSample>> RunAsync(Action<int> report, CancellationToken cancellationToken)
    {
        List<EncodedSample> encoded = new(_command.Count);
        Task<List<PreparedSample>> next = PrepareAsync(0);
        Task<EncodedSample[]> encoding = Task.FromResult(Array.Empty<EncodedSample>());
        for (int offset = 0; offset < _command.Count; offset += _command.Synthesis.BatchSize)
        {
            List<PreparedSample> batch = await next;
            next = PrepareAsync(offset + _command.Synthesis.BatchSize);
            List<KeptSample> kept = await _generation.GenerateAsync(batch, cancellationToken);
            encoded.AddRange(await encoding);
            encoding = EncodeAsync(kept);
            report(Math.Min(_command.Count, offset + _command.Synthesis.BatchSize));
        }
        encoded.AddRange(await encoding);
        return encoded;
    }

    /// <summary>Makes one sample again, in the batch it was made in.</summary>
    /// <param name="index">Index in the corpus, within the shard.</param>
    /// <param name="cancellationToken">Looked at between forward passes.</param>
    /// <returns>The sample as encoded, null when it was rejected; and its condition map as the generator saw it.</returns>
    public async Task<(EncodedSample? Sample, PreparedSample Prepared)> RunOneAsync(long index, CancellationToken cancellationToken)
    {
        int within = (int)(index - _command.First);
        List<PreparedSample> batch = await PrepareAsync(within - (within % _command.Synthesis.BatchSize));
        List<KeptSample> kept = await _generation.GenerateAsync(batch, cancellationToken);
        KeptSample? found = kept.SingleOrDefault(sample => sample.Sample.Index == index);
        return found is null
            ? (null, batch.Single(sample => sample.Index == index))
            : (_encoder.Encode(found.Sample, found.Image, found.Scores), found.Sample);
    }

    /// <summary>The condition map of a sample's source as it is, of the generator's size; null where there is no source.</summary>
    public Synthesis.Cams.ConditionMap? Original(PreparedSample sample) => _draws.Original(sample);

    private Task<List<PreparedSample>> PrepareAsync(int offset)
    {
        int count = Math.Clamp(_command.Count - offset, 0, _command.Synthesis.BatchSize);
        return Task.Run(() =>
        {
            using Phases.Measure measure = _phases.Of(Phases.Prepare);
            return Enumerable.Range(0, count).Select(at => _draws.Prepare(_command.First + offset + at, draw: 0)).ToList();
        });
    }

    private Task<EncodedSample[]> EncodeAsync(List<KeptSample> kept) =>
        Task.WhenAll(kept.Select(sample => Task.Run(() =>
        {
            using Phases.Measure measure = _phases.Of(Phases.Encode);
            return _encoder.Encode(sample.Sample, sample.Image, sample.Scores);
        })));
}
