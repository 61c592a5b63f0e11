using System.Globalization;
using Factory.Contracts;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>
/// A classifier's architecture as one word, <c>resnet18-w64-s32</c> or <c>two-stream-resnet18-w64-s32</c>: name, width of the first stage, input pixels to one CAM cell.
/// </summary>
/// <param name="Name"><c>resnet18</c> or <c>resnet50</c>.</param>
/// <param name="Width">Channels of the first stage.</param>
/// <param name="OutputStride">Input pixels to one CAM cell.</param>
/// <param name="TwoStream">Whether it is a network for each of two modalities, judged together.</param>
internal sealed record CheckpointShape(string Name, int Width, int OutputStride, bool TwoStream = false)
{
    private const string Prefix = "two-stream-";

    /// <summary>The kind of such checkpoints.</summary>
    public string Kind => TwoStream ? CheckpointKinds.TwoStream : CheckpointKinds.Classifier;

    /// <summary>Reads the word.</summary>
    /// <exception cref="RefusedException">It is not one.</exception>
    public static CheckpointShape Parse(string text)
    {
        bool twoStream = text.StartsWith(Prefix, StringComparison.Ordinal);
        string[] parts = (twoStream ? text[Prefix.Length..] : text).Split('-');
        return parts.Length == 3
            && parts[1].StartsWith('w') && int.TryParse(parts[1].AsSpan(1), CultureInfo.InvariantCulture, out int width)
            && parts[2].StartsWith('s') && int.TryParse(parts[2].AsSpan(1), CultureInfo.InvariantCulture, out int stride)
            ? new(parts[0], width, stride, twoStream)
            : throw RefusedException.Invalid($"'{text}' is not a classifier's architecture; it is written like resnet18-w64-s32.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(TwoStream ? Prefix : "")}{Name}-w{Width}-s{OutputStride}");
}
