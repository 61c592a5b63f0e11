namespace Factory.Synthesis.Training;

/// <summary>What a generator's training checkpoint holds beside tensors and options.</summary>
internal sealed class GeneratorState
{
    public int Step { get; set; }

    public ulong RngState { get; set; }

    public int Pairs { get; set; }

    public LossAverages Averages { get; set; } = new();

    public List<EpochRecord> History { get; set; } = [];

    public List<GeneratorMeasurement> Measurements { get; set; } = [];
}
