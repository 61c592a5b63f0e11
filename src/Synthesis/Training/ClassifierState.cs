namespace Factory.Synthesis.Training;

/// <summary>What a classifier's training checkpoint holds beside tensors and options.</summary>
internal sealed class ClassifierState
{
    public int Step { get; set; }

    public double LearningRate { get; set; }

    public ulong RngState { get; set; }

    public long TrainImages { get; set; }

    public long ValidationImages { get; set; }

    public double? BestScore { get; set; }

    public ValidationScores? BestValidation { get; set; }

    public int EpochsSinceBest { get; set; }

    public bool Stopped { get; set; }

    public LossAverages Averages { get; set; } = new();

    public List<EpochRecord> History { get; set; } = [];
}
