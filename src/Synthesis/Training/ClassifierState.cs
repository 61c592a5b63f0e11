using Factory.Synthesis.Networks;

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

    /// <summary>The state that a training begins or goes on with.</summary>
    /// <exception cref="CheckpointException">It is of sets of other sizes.</exception>
    internal static ClassifierState Of(ClassifierTrainingOptions options, ExampleSet train, ExampleSet? validation, ClassifierState? resumed)
    {
        var judged = validation?.Examples ?? 0;
        if (resumed is not null && (resumed.TrainImages != train.Examples || resumed.ValidationImages != judged))
            throw new CheckpointException($"The checkpoint was trained on {resumed.TrainImages} images and validated on {resumed.ValidationImages}, now there are {train.Examples} and {judged}.");
        return resumed ?? new ClassifierState { LearningRate = options.LearningRate, TrainImages = train.Examples, ValidationImages = judged };
    }
}
