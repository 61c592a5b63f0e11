using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Synthesis.Imaging;

namespace Factory.GpuWorker.Generation;

/// <summary>A sheet of what a label-conditioned generator makes: rows of a category, columns of one noise, so that what differs within a column is the category. No real image is on it.</summary>
internal static class LabelGrid
{
    private const int CellSize = 160;
    private const int Columns = 6;

    /// <summary>Renders it.</summary>
    /// <param name="title">The sheet's title.</param>
    /// <param name="categories">The categories.</param>
    /// <param name="labels">Those that are shown.</param>
    /// <param name="rowsPerCategory">Rows of each.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <param name="generate">Makes an image for each category and seed.</param>
    /// <returns>A PNG.</returns>
    public static byte[] Render(
        string title, CategoryList categories, IEnumerable<int> labels, int rowsPerCategory, ulong seed, Func<IReadOnlyList<(int Label, ulong Seed)>, RgbImage[]> generate)
    {
        ContactSheet sheet = new(title, [.. Enumerable.Range(1, Columns).Select(number => string.Create(CultureInfo.InvariantCulture, $"noise {number}"))], CellSize);
        foreach (int label in labels)
        {
            for (int row = 0; row < rowsPerCategory; row++)
            {
                int first = row * Columns;
                sheet.AddRow(categories.Names[label], generate([.. Enumerable.Range(first, Columns).Select(number => (label, SampleSeeds.Derive(seed, number, 0)))]));
            }
        }
        return sheet.ToPng();
    }
}
