using System.Globalization;
using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.Cli.Output;

/// <summary>
/// Predictions as CSV (RFC 4180, but line feeds): <c>model</c>, <c>trial</c> where models have several, <c>image</c> or <c>cfp,oct</c> (SHA-256 of source files), <c>truth</c>, <c>predicted</c>, and a probability
/// for each category.
/// </summary>
internal static class PredictionTable
{
    private static readonly string[] Single = ["image"], Trial = ["trial"], Pair = ["cfp", "oct"];

    /// <summary>Writes the table.</summary>
    /// <param name="predictions">The predictions, in the order of the rows.</param>
    /// <param name="categories">Names of the categories in index order.</param>
    public static string Create(IReadOnlyList<ModelPrediction> predictions, IReadOnlyList<string> categories)
    {
        StringBuilder text = new();
        bool trials = predictions.Any(prediction => prediction.Trial is not null);
        Row(text, ["model", .. trials ? Trial : [], .. predictions.Any(prediction => prediction.Images.Count == 2) ? Pair : Single, "truth", "predicted", .. categories.Select(category => "p:" + category)]);
        foreach (ModelPrediction prediction in predictions)
        {
            int said = prediction.Probabilities.Index().MaxBy(entry => entry.Item).Index;
            Row(text,
            [
                prediction.Model, .. trials ? [(prediction.Trial ?? 1).ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(), .. prediction.Images.Select(image => image.Hex), categories[prediction.Label], categories[said],
                .. prediction.Probabilities.Select(probability => probability.ToString("R", CultureInfo.InvariantCulture)),
            ]);
        }
        return text.ToString();
    }

    /// <summary>Reads JSON lines.</summary>
    public static List<ModelPrediction> Read(byte[] lines) =>
        [.. Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<ModelPrediction>(line, ContractJson.Options)!)];

    private static void Row(StringBuilder text, IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append('\n');

    // A name that a spreadsheet would take for a formula stays a name: categories come from whoever made the collection.
    private static string Quoted(string field)
    {
        string safe = field.Length > 0 && field[0] is '=' or '+' or '@' ? "'" + field : field;
        return safe.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
