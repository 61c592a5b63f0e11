using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>What the terms of a loss are at a step.</summary>
internal static class LossValues
{
    /// <summary>Terms by name, for curves.</summary>
    /// <param name="step">The step, from 0 on, for the message.</param>
    /// <param name="terms">Scalars; null: off.</param>
    /// <returns>Their values.</returns>
    /// <exception cref="TrainingDivergedException">One is not finite.</exception>
    internal static SortedDictionary<string, double> Checked(int step, params (string Name, Tensor? Loss)[] terms)
    {
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, loss) in terms)
        {
            if (loss is null)
                continue;
            values[name] = loss.item<float>();
            if (!double.IsFinite(values[name]))
                throw new TrainingDivergedException(step, name, values[name]);
        }

        return values;
    }
}
