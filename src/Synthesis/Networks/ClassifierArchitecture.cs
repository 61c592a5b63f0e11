using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Synthesis.Networks;

/// <summary>What a classifier network looks like: enough, with its weights, to build it again.</summary>
public sealed record ClassifierArchitecture
{
    /// <summary><c>resnet18</c> or <c>resnet50</c> (He et al., CVPR 2016). Default <c>resnet18</c>.</summary>
    public string Name { get; init; } = ResNet18;

    /// <summary>Planes of the stem and the first stage, at least 1; the later stages have 2, 4 and 8 times as many. Default 64, the published one.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Input pixels a cell of the last feature map: 32 (default), 16 or 8. Below 32 the last one or two stages dilate instead of striding.</summary>
    public int OutputStride { get; init; } = 32;

    /// <summary>Number of categories K, at least 2.</summary>
    public required int Categories { get; init; }

    /// <summary>Side of the square input in pixels; a multiple of <see cref="OutputStride"/>. Default 448.</summary>
    public int Size { get; init; } = 448;

    /// <summary>Whether there is such a network for each of two modalities, CFP first, judged together (<see cref="TwoStreamNetwork"/>). Default no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TwoStream { get; init; }

    /// <summary>The name of ResNet-18.</summary>
    public const string ResNet18 = "resnet18";

    /// <summary>The name of ResNet-50.</summary>
    public const string ResNet50 = "resnet50";

    /// <summary>Images of one example, and so streams: 1, or 2.</summary>
    public int Streams => TwoStream ? 2 : 1;

    /// <summary>The architecture as one word, such as <c>resnet18-w64-s32</c> or <c>two-stream-resnet18-w64-s32</c>.</summary>
    public string Word => string.Create(CultureInfo.InvariantCulture, $"{(TwoStream ? "two-stream-" : "")}{Name}-w{Width}-s{OutputStride}");

    /// <summary>Side of the CAM this network yields for its input size, in cells.</summary>
    public int GridSize => Size / OutputStride;

    /// <summary>Channels of a stream's last feature map: 8 times the width, times 4 for ResNet-50.</summary>
    public int FeatureChannels => Width * 8 * (Name == ResNet50 ? 4 : 1);

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it, its value and what is allowed.</exception>
    public void Validate()
    {
        if (Name is not (ResNet18 or ResNet50))
            throw new ArgumentException($"Classifier name '{Name}' is unknown, expected {ResNet18} or {ResNet50}.");
        if (Width < 1)
            throw new ArgumentException($"Classifier width {Width} must be at least 1.");
        if (OutputStride is not (8 or 16 or 32))
            throw new ArgumentException($"Classifier output stride {OutputStride} must be 8, 16 or 32.");
        if (Categories < 2)
            throw new ArgumentException($"Classifier categories {Categories} must be at least 2.");
        if (Size < OutputStride || Size % OutputStride != 0)
            throw new ArgumentException($"Classifier size {Size} must be a multiple of the output stride {OutputStride}.");
    }

    /// <summary>Formats the architecture as JSON for a checkpoint's metadata.</summary>
    /// <returns>One line of JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, CheckpointJson.Options);

    /// <summary>Parses and validates what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="CheckpointException">The JSON is malformed or a field is out of range.</exception>
    public static ClassifierArchitecture FromJson(string json) =>
        CheckpointJson.ParseValid<ClassifierArchitecture>(json, "classifier architecture", a => a.Validate());
}
