namespace Factory.Contracts;

/// <summary>Media types of the blobs the factory writes.</summary>
public static class MediaTypes
{
    /// <summary>A PNG image.</summary>
    public const string Png = "image/png";

    /// <summary>Weights with their metadata.</summary>
    public const string SafeTensors = "application/vnd.safetensors";

    /// <summary>A WebDataset shard.</summary>
    public const string Tar = "application/x-tar";

    /// <summary>A JSON document.</summary>
    public const string Json = "application/json";

    /// <summary>One JSON document a line.</summary>
    public const string JsonLines = "application/x-ndjson";

    /// <summary>An HTML page.</summary>
    public const string Html = "text/html";

    /// <summary>A Markdown document.</summary>
    public const string Markdown = "text/markdown";
}
