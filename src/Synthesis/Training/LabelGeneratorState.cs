namespace Factory.Synthesis.Training;

/// <summary>What a label-conditioned generator's training checkpoint holds beside tensors and options.</summary>
internal sealed class LabelGeneratorState
{
    public int Step { get; set; }

    public ulong RngState { get; set; }

    public int Images { get; set; }

    public LossAverages Averages { get; set; } = new();

    public List<EpochRecord> History { get; set; } = [];
}
