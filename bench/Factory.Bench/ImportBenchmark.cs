using System.Diagnostics;
using System.Globalization;
using Factory.Cli.Hosting;
using Factory.Cli.Import;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Phantoms;

namespace Factory.Bench;

/// <summary>Importing a folder of JPEG files into an embedded factory, against decoding and encoding alone. The target is stated against one thread times the cores, which
/// holds on an idle machine only: where others compute too, two threads do not get twice the time of one, and the same work on all cores is the fair figure.</summary>
internal static class ImportBenchmark
{
    private const double Target = 0.8;

    /// <summary>Measures it.</summary>
    /// <param name="images">How many images.</param>
    /// <param name="width">Their width in pixels, at least 256; the height is two thirds.</param>
    public static Task<int> RunAsync(int images, int width) => Measure.InFolderAsync(async folder =>
    {
        string source = Path.Combine(folder, "images");
        List<byte[]> files = Draw(source, images, width);
        Rate(files, 1);
        double single = Rate(files, 1), before = Rate(files, Environment.ProcessorCount);
        double rate = images / await ImportAsync(folder, source, images);
        double after = Rate(files, Environment.ProcessorCount);
        // What else the machine does is in all figures; the baseline is measured on either side of the import.
        double cores = (before + after) / 2, ideal = single * Environment.ProcessorCount;
        Measure.Print($"import: {images} images of {width}x{width * 2 / 3}: {rate:F1}/s; decode + encode on one thread {single:F1}/s, on {Environment.ProcessorCount} cores {before:F1}/s before, {after:F1}/s after; ratio to one thread times cores {rate / ideal:F2} (target {Target}), to all cores {rate / cores:F2}");
        return rate / ideal >= Target ? 0 : 1;
    });

    private static async Task<double> ImportAsync(string folder, string source, int images)
    {
        Place place = new(null, Path.Combine(folder, "data"), "cpu", Verbose: false);
        await using Session session = await Session.OpenAsync(place, work: false, CancellationToken.None);
        CollectionImport import = new(session.ImportTarget, new() { Path = source, Name = "bench" });
        ImportOutcome? outcome = null;
        double seconds = await Measure.SecondsAsync(async () => outcome = await import.RunAsync(ImportProgress.None, CancellationToken.None));
        return outcome!.Decoded == images ? seconds : throw new InvalidOperationException($"{outcome.Decoded} of {images} images were decoded.");
    }

    private static double Rate(List<byte[]> files, int threads)
    {
        int count = Math.Min(files.Count, 200);
        long started = Stopwatch.GetTimestamp();
        Parallel.ForEach(files.Take(count), new ParallelOptions { MaxDegreeOfParallelism = threads }, file => ImageEncoder.EncodePng(ImageDecoder.Decode(file)));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // A few eyes, each file made another picture by a few pixels.
    private static List<byte[]> Draw(string folder, int images, int width)
    {
        List<RgbImage> eyes = [.. Enumerable.Range(0, 8).Select(number => PhantomRenderer.Draw(new()
        {
            Seed = 1, Subject = number, Eye = PhantomEye.Left, Category = number % 4, Modality = PhantomModality.Cfp, Size = width,
        }).Image)];
        int height = width * 2 / 3;
        List<byte[]> files = [];
        for (int number = 0; number < images; number++)
        {
            RgbImage image = new(width, height, [.. eyes[number % eyes.Count].Pixels.AsSpan(width / 6 * width * 3, width * height * 3)]);
            for (int bit = 0; bit < 16; bit++)
            {
                byte tone = (byte)((number >> bit & 1) * 255);
                for (int row = 0; row < 16; row++) image.Pixels.AsSpan(((row * width) + (bit * 16)) * 3, 48).Fill(tone);
            }
            byte[] file = ImageEncoder.EncodeJpeg(image, 90);
            string category = Directory.CreateDirectory(Path.Combine(folder, number % 2 == 0 ? "Normal" : "Amd")).FullName;
            File.WriteAllBytes(Path.Combine(category, number.ToString("D6", CultureInfo.InvariantCulture) + ".jpg"), file);
            files.Add(file);
        }
        return files;
    }
}
