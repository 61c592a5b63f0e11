using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Factory.Coordinator.Recipes;

/// <summary>
/// Reads one YAML document of bounded size and depth. Recipes come from strangers: anchors, aliases and tags are refused, so nothing expands and nothing is constructed.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>Most bytes of a recipe.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 16;

    private readonly Parser _parser;
    private readonly RecipeIssues _issues;

    private YamlTree(string yaml, RecipeIssues issues)
    {
        _parser = new Parser(new Scanner(new StringReader(yaml)));
        _issues = issues;
    }

    /// <summary>Reads the document.</summary>
    /// <exception cref="RecipeInvalidException">The text is not one YAML document within bounds. Duplicate keys, anchors and tags are only noted.</exception>
    public static YamlMap Read(string yaml, RecipeIssues issues)
    {
        if (Encoding.UTF8.GetByteCount(yaml) > MaxBytes) throw Fatal(issues, 1, 1, "is longer than 1 MiB; a recipe names things, it does not hold them.");
        YamlTree tree = new(yaml.TrimStart('\uFEFF'), issues);
        try
        {
            return tree.Document();
        }
        catch (YamlException malformed)
        {
            throw Malformed(yaml, malformed.Start, malformed.Message, issues);
        }
        catch (InvalidOperationException)
        {
            // The parser's own state machine gives up on some texts, such as "{ a: 1 ]".
            throw Malformed(yaml, tree._parser.Current?.End ?? Mark.Empty, "what follows does not close the brackets before it", issues);
        }
        catch (ArgumentException)
        {
            // The parser makes an address of a tag, and of some, such as "![", it cannot.
            throw Malformed(yaml, tree._parser.Current?.End ?? Mark.Empty, "what follows has a tag (!) that is none; recipes have no tags", issues);
        }
    }

    private static RecipeInvalidException Malformed(string yaml, Mark at, string reason, RecipeIssues issues)
    {
        string[] lines = yaml.Split('\n');
        int tab = Array.FindIndex(lines, line => line[..^line.TrimStart().Length].Contains('\t', StringComparison.Ordinal) && line.Trim().Length > 0);
        return tab >= 0
            ? Fatal(issues, tab + 1, 1, $"is not YAML: line {tab + 1} is indented with a tab; use spaces.")
            : Fatal(issues, (int)Math.Max(1, at.Line), (int)Math.Max(1, at.Column), $"is not YAML: {reason.TrimEnd('.').ReplaceLineEndings(" ")}.");
    }

    private static RecipeInvalidException Fatal(RecipeIssues issues, int line, int column, string message)
    {
        issues.Add(line, column, "", message);
        return issues.Exception();
    }

    private YamlMap Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) throw Fatal(_issues, 1, 1, "is empty; a recipe begins with apiVersion: factory/v1.");
        _parser.Consume<DocumentStart>();
        YamlNode root = Node("", 1);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            throw Fatal(_issues, (int)second!.Start.Line, (int)second.Start.Column, "holds a second document (---); a file holds one recipe.");
        }
        return root as YamlMap ?? throw Fatal(_issues, root.Line, root.Column, $"must be a mapping of keys such as apiVersion and steps, is {root.Found}.");
    }

    private YamlNode Node(string path, int depth)
    {
        ParsingEvent next = _parser.Current ?? throw new YamlException("unexpected end of the document");
        int line = (int)next.Start.Line;
        int column = (int)next.Start.Column;
        if (depth > MaxDepth) throw Fatal(_issues, line, column, $"is nested more than {MaxDepth} deep.");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            _issues.Add(line, column, path, $"refers to the anchor '{alias!.Value}'; recipes have no anchors, write the value out.");
            return new YamlText(line, column, "", IsPlain: false);
        }
        // Some unclosed brackets come as an end with nothing begun.
        if (next is not NodeEvent node) throw new YamlException(next.Start, next.End, "a value is missing here");
        RefuseAnchorAndTag(node, path);
        if (_parser.TryConsume<Scalar>(out var scalar)) return new YamlText(line, column, scalar!.Value, scalar.Style == ScalarStyle.Plain);
        return next is SequenceStart ? List(path, depth) : Map(path, depth);
    }

    private void RefuseAnchorAndTag(NodeEvent node, string path)
    {
        if (!node.Anchor.IsEmpty) _issues.Add((int)node.Start.Line, (int)node.Start.Column, path, $"has the anchor '{node.Anchor.Value}'; recipes have no anchors, write the value out.");
        if (!node.Tag.IsEmpty) _issues.Add((int)node.Start.Line, (int)node.Start.Column, path, $"has the tag '{node.Tag}'; recipes have no tags.");
    }

    private YamlList List(string path, int depth)
    {
        SequenceStart start = _parser.Consume<SequenceStart>();
        List<YamlNode> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(Node($"{path}[{items.Count}]", depth + 1));
        return new((int)start.Start.Line, (int)start.Start.Column, items);
    }

    private YamlMap Map(string path, int depth)
    {
        MappingStart start = _parser.Consume<MappingStart>();
        Dictionary<string, YamlEntry> entries = new(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            YamlNode key = Node(path, depth + 1);
            string field = key is YamlText named ? Join(path, named.Value) : path;
            YamlNode value = Node(field, depth + 1);
            if (key is not YamlText text || text.IsNothing) _issues.Add(key, path, $"has a key that is {key.Found}; keys are names.");
            else if (!entries.TryAdd(text.Value, new(text, value))) _issues.Add(key, field, $"is given twice, first on line {entries[text.Value].Key.Line}.");
        }
        return new((int)start.Start.Line, (int)start.Start.Column, [.. entries.Values]);
    }

    /// <summary>The path of a key under a path.</summary>
    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
