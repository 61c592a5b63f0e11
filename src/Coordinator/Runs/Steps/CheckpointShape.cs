using System.Globalization;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>A classifier's architecture as one word, <c>resnet18-w64-s32</c>: name, width of the first stage, input pixels to one CAM cell.</summary>
/// <param name="Name"><c>resnet18</c> or <c>resnet50</c>.</param>
/// <param name="Width">Channels of the first stage.</param>
/// <param name="OutputStride">Input pixels to one CAM cell.</param>
internal sealed record CheckpointShape(string Name, int Width, int OutputStride)
{
    /// <summary>Reads the word.</summary>
    /// <exception cref="RefusedException">It is not one.</exception>
    public static CheckpointShape Parse(string text)
    {
        string[] parts = text.Split('-');
        return parts.Length == 3
            && parts[1].StartsWith('w') && int.TryParse(parts[1].AsSpan(1), CultureInfo.InvariantCulture, out int width)
            && parts[2].StartsWith('s') && int.TryParse(parts[2].AsSpan(1), CultureInfo.InvariantCulture, out int stride)
            ? new(parts[0], width, stride)
            : throw RefusedException.Invalid($"'{text}' is not a classifier's architecture; it is written like resnet18-w64-s32.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}-w{Width}-s{OutputStride}");
}
