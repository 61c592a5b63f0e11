using System.Globalization;

namespace Factory.Synthesis.Training;

/// <summary>A loss stopped being a finite number. Trying again gives the same: lower the learning rate or look at the data.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>An exception with a default message.</summary>
    public TrainingDivergedException()
        : base("Training diverged.")
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingDivergedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception that names step and loss.</summary>
    /// <param name="step">The step, from 0 on.</param>
    /// <param name="loss">The loss's name.</param>
    /// <param name="value">What it was.</param>
    public TrainingDivergedException(int step, string loss, double value)
        : base(string.Create(CultureInfo.InvariantCulture, $"Training diverged at step {step}: loss '{loss}' is {value}, expected a finite number; lower the learning rate or look at the images."))
    {
        (Step, Loss) = (step, loss);
    }

    /// <summary>The step, from 0 on.</summary>
    public int Step { get; }

    /// <summary>The loss's name.</summary>
    public string Loss { get; } = "";
}
