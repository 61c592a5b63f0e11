using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Factory.Coordinator.Recipes;

/// <summary>Parses YAML that may come from anywhere: bounded in size and depth, one document, no anchors, aliases or tags.</summary>
internal static class YamlTree
{
    private const int BytesLimit = 1 << 20;
    private const int DepthLimit = 16;

    /// <summary>The root of the one document.</summary>
    /// <exception cref="RecipeInvalidException">The text is no such document.</exception>
    public static YamlNode Parse(string yaml, string file)
    {
        if (yaml.Length > BytesLimit) throw Invalid(file, Mark.Empty, "it is larger than 1 MiB.");
        try
        {
            RequirePlain(yaml, file);
            YamlStream stream = [];
            using StringReader reader = new(yaml);
            stream.Load(reader);
            return stream.Documents.Count switch
            {
                0 => throw Invalid(file, Mark.Empty, "it is empty; a recipe begins with apiVersion: factory/v1."),
                1 => stream.Documents[0].RootNode,
                _ => throw Invalid(file, stream.Documents[1].RootNode.Start, "a second document begins here; a recipe is one."),
            };
        }
        catch (YamlException malformed)
        {
            string reason = malformed.InnerException?.Message ?? malformed.Message;
            throw Invalid(file, malformed.Start, $"it is no well-formed YAML: {reason.Split('\n')[0].TrimEnd('.')}.");
        }
    }

    private static void RequirePlain(string yaml, string file)
    {
        using StringReader reader = new(yaml);
        Parser parser = new(reader);
        int depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent current = parser.Current!;
            depth += current.NestingIncrease;
            if (depth > DepthLimit + 2) throw Invalid(file, current.Start, $"it is nested deeper than {DepthLimit} levels.");
            if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false }) throw Invalid(file, current.Start, "anchors and aliases are not allowed; write the value out.");
            if (current is NodeEvent { Tag.IsEmpty: false }) throw Invalid(file, current.Start, "tags (!...) are not allowed; write the plain value.");
        }
    }

    private static RecipeInvalidException Invalid(string file, Mark at, string message) =>
        new([new(file, Math.Max(1, at.Line), Math.Max(1, at.Column), "", message)]);
}
