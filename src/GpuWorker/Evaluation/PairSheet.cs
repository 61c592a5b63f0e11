using System.Globalization;
using Factory.Contracts;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.GpuWorker.Evaluation;

/// <summary>
/// A contact sheet of some pairs of each category: both images, and for each classifier of two streams the CAM of the true category over each of them. No gradient is needed:
/// a CAM weighs the last feature maps.
/// </summary>
internal sealed class PairSheet
{
    private const int RowsPerCategory = 2, CellSize = 224;

    private readonly PairSet _pairs;
    private readonly CategoryList _categories;
    private readonly List<string> _columns = ["CFP", "OCT"];
    private readonly List<int> _rows = [];
    private readonly List<List<RgbImage?>> _cells = [];
    private readonly List<string> _captions = [];

    /// <summary>Takes the first pairs of each category.</summary>
    public PairSheet(PairSet pairs, CategoryList categories)
    {
        (_pairs, _categories) = (pairs, categories);
        int[] labels = pairs.Labels();
        foreach (int label in Enumerable.Range(0, categories.Count)) _rows.AddRange(Enumerable.Range(0, labels.Length).Where(index => labels[index] == label).Take(RowsPerCategory));
        foreach (int row in _rows)
        {
            _cells.Add([Image(0, row), Image(1, row)]);
            _captions.Add(categories.Names[labels[row]]);
        }
    }

    /// <summary>Adds a classifier's two columns, and what it says to the captions. To be called on the torch thread.</summary>
    public void Add(string name, ClassifierNetwork network, torch.Device device)
    {
        int size = network.Architecture.Size;
        _columns.AddRange([$"{name}: CFP", $"{name}: OCT"]);
        for (int row = 0; row < _rows.Count; row++)
        {
            using var scope = torch.NewDisposeScope();
            RgbImage[] images = [.. Enumerable.Range(0, 2).Select(stream => PilResize.Bicubic(Image(stream, _rows[row]), size, size))];
            using torch.Tensor input = torch.cat([.. images.Select(image => ImageTensors.ToTensor([image], device))], 1);
            StreamActivationResult result = ClassActivation.ComputeStreams(network, input);
            int label = _pairs.Pair(_rows[row]).Label;
            for (int stream = 0; stream < 2; stream++)
            {
                Cam cam = result.Cams[stream][0];
                _cells[row].Add(Overlay.Heat(images[stream], cam.Channel(label).ToArray(), cam.Height, cam.Width));
            }
            float[] probabilities = result.Probabilities[0];
            int said = Array.IndexOf(probabilities, probabilities.Max());
            _captions[row] += string.Create(CultureInfo.InvariantCulture, $"\n{name}: {_categories.Names[said]} {probabilities[said]:0.00}");
        }
    }

    /// <summary>Draws the sheet.</summary>
    public byte[] ToPng()
    {
        ContactSheet sheet = new("CAMs of the true category", _columns, CellSize);
        for (int row = 0; row < _rows.Count; row++) sheet.AddRow(_captions[row], _cells[row]);
        return sheet.ToPng();
    }

    private RgbImage Image(int stream, int pair) => _pairs.Of(stream).Load(pair);
}
