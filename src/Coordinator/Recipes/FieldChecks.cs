using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Factory.Coordinator.Recipes;

/// <summary>Checks YAML against the table of fields and turns it into JSON; collects every error on the way.</summary>
internal sealed class FieldChecks(string file)
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);
    private readonly List<RecipeError> _errors = [];

    public void Add(YamlNode at, string field, string message) => _errors.Add(new(file, Math.Max(1, at.Start.Line), Math.Max(1, at.Start.Column), field, message));

    public void ThrowIfAny()
    {
        if (_errors.Count > 0) throw new RecipeInvalidException([.. _errors.OrderBy(error => error.Line).ThenBy(error => error.Column)]);
    }

    public static YamlNode? Find(YamlMappingNode mapping, string key) =>
        mapping.Children.FirstOrDefault(child => child.Key is YamlScalarNode scalar && scalar.Value == key).Value;

    /// <summary>Checks a mapping against its fields.</summary>
    public JsonObject Mapping(YamlNode node, string path, IReadOnlyList<RecipeField> fields, params string[] alsoKnown)
    {
        JsonObject json = [];
        if (node is not YamlMappingNode mapping)
        {
            Add(node, path, $"is a mapping of {string.Join(", ", fields.Select(field => field.Key))}.");
            return json;
        }
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            RecipeField? field = fields.FirstOrDefault(candidate => candidate.Key == name);
            if (field is not null)
            {
                if (Value(value, Join(path, name), field) is { } content) json[name] = content;
            }
            else if (!alsoKnown.Contains(name))
            {
                Add(key, Join(path, name), $"unknown key '{name}'; {Spelling.Hint(name, fields.Select(candidate => candidate.Key).Concat(alsoKnown))}");
            }
        }
        foreach (RecipeField missing in fields.Where(field => field.Required && Find(mapping, field.Key) is null))
        {
            Add(node, Join(path, missing.Key), "is missing.");
        }
        return json;
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private JsonNode? Value(YamlNode node, string path, RecipeField field) => field.Type switch
    {
        FieldType.Mapping => field.Fields.Count == 0 ? null : Mapping(node, path, field.Fields),
        FieldType.References => References(node, path),
        FieldType.Counts => Counts(node, path, field),
        FieldType.Manipulations => ManipulationFields.Read(node, path, this),
        _ => Scalar(node, path, field),
    };

    public JsonNode? Scalar(YamlNode node, string path, RecipeField field)
    {
        if (node is not YamlScalarNode { Value: { } text } || text.Length == 0)
        {
            Add(node, path, $"is {Words(field)}, not {(node is YamlScalarNode ? "empty" : "a list or mapping")}.");
            return null;
        }
        if (field.OneOf is { } values && !values.Contains(text, StringComparer.Ordinal))
        {
            Add(node, path, $"must be one of {string.Join(", ", values)}, is {text}.");
            return null;
        }
        return field.Type switch
        {
            FieldType.Integer => Integer(node, path, field, text),
            FieldType.Number => Number(node, path, field, text),
            FieldType.Boolean when text is "true" or "false" => text == "true",
            FieldType.Boolean => Refuse(node, path, $"must be true or false, is {text}."),
            _ => Text(node, path, field, text),
        };
    }

    private JsonValue? Refuse(YamlNode node, string path, string message)
    {
        Add(node, path, message);
        return null;
    }

    private JsonNode? Text(YamlNode node, string path, RecipeField field, string text) =>
        field.Pattern is { } pattern && !Regex.IsMatch(text, pattern.Pattern, RegexOptions.None, PatternTimeout)
            ? Refuse(node, path, $"must be {pattern.Words}, is '{text}'.")
            : JsonValue.Create(text);

    private JsonNode? Integer(YamlNode node, string path, RecipeField field, string text)
    {
        if (!BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value)) return Refuse(node, path, $"must be a whole number, is {text}.");
        BigInteger most = field.Most == ulong.MaxValue ? ulong.MaxValue : new BigInteger(field.Most ?? long.MaxValue);
        if (value < new BigInteger(field.Least ?? long.MinValue) || value > most) return Refuse(node, path, $"must be {Range(field)}, is {text}.");
        return value > long.MaxValue ? JsonValue.Create((ulong)value) : JsonValue.Create((long)value);
    }

    private JsonNode? Number(YamlNode node, string path, RecipeField field, string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value)) return Refuse(node, path, $"must be a number, is {text}.");
        bool inside = (field.Least is not { } least || (field.Above ? value > least : value >= least)) && !(value > field.Most);
        return inside ? JsonValue.Create(value) : Refuse(node, path, $"must be {Range(field)}, is {text}.");
    }

    private JsonArray? References(YamlNode node, string path)
    {
        if (node is YamlSequenceNode { Children.Count: > 0 } list && list.All(item => item is YamlScalarNode)) return [.. list.Select(item => JsonValue.Create(((YamlScalarNode)item).Value))];
        Add(node, path, "is a list of names, with at least one.");
        return null;
    }

    private JsonObject? Counts(YamlNode node, string path, RecipeField field)
    {
        if (node is not YamlMappingNode { Children.Count: > 0 } mapping)
        {
            Add(node, path, "is a mapping of category names to numbers, with at least one.");
            return null;
        }
        JsonObject counts = [];
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            if (Scalar(value, Join(path, name), field with { Type = FieldType.Integer }) is { } count) counts[name] = count;
        }
        return counts;
    }

    private static string Range(RecipeField field) => field.Above
        ? string.Create(CultureInfo.InvariantCulture, $"above {field.Least} and at most {field.Most}")
        : string.Create(CultureInfo.InvariantCulture, $"{field.Least} to {(field.Most == ulong.MaxValue ? ulong.MaxValue : (object?)field.Most)}");

    private static string Words(RecipeField field) => field.Type switch
    {
        FieldType.Integer => "a whole number",
        FieldType.Number => "a number",
        FieldType.Boolean => "true or false",
        FieldType.Reference => "the name of a step",
        _ => "text",
    };
}
