using System.Diagnostics;
using System.Globalization;
using Factory.Cli.Hosting;
using Factory.Cli.Import;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Phantoms;

namespace Factory.Bench;

/// <summary>Importing a folder of JPEG files into an embedded factory, against decoding and encoding alone on one thread, times the cores.</summary>
internal static class ImportBenchmark
{
    private const int Width = 640, Height = 425;
    private const double Target = 0.8;

    public static Task<int> RunAsync(int images) => Measure.InFolderAsync(async folder =>
    {
        string source = Path.Combine(folder, "images");
        List<byte[]> files = Draw(source, images);
        double before = SingleThread(files);
        double seconds = await ImportAsync(folder, source, images);
        double after = SingleThread(files);
        // What else the machine does is in both figures; the baseline is measured on either side of the import.
        double alone = (before + after) / 2 * Environment.ProcessorCount, rate = images / seconds;
        Measure.Print($"import: {images} images of {Width}x{Height}: {rate:F1}/s; decode + encode on one thread {before:F1}/s before, {after:F1}/s after, times {Environment.ProcessorCount} cores {alone:F1}/s; ratio {rate / alone:F2} (target {Target})");
        return rate / alone >= Target ? 0 : 1;
    });

    private static async Task<double> ImportAsync(string folder, string source, int images)
    {
        Place place = new(null, Path.Combine(folder, "data"), "cpu", Verbose: false);
        await using Session session = await Session.OpenAsync(place, work: false, CancellationToken.None);
        CollectionImport import = new(new CoordinatorImportTarget(session.Client), new() { Path = source, Name = "bench" });
        ImportOutcome? outcome = null;
        double seconds = await Measure.SecondsAsync(async () => outcome = await import.RunAsync(ImportProgress.None, CancellationToken.None));
        return outcome!.Decoded == images ? seconds : throw new InvalidOperationException($"{outcome.Decoded} of {images} images were decoded.");
    }

    private static double SingleThread(List<byte[]> files)
    {
        int count = Math.Min(files.Count, 100);
        long started = Stopwatch.GetTimestamp();
        foreach (byte[] file in files.Take(count)) ImageEncoder.EncodePng(ImageDecoder.Decode(file));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // A few eyes, each file made another picture by a few pixels.
    private static List<byte[]> Draw(string folder, int images)
    {
        List<RgbImage> eyes = [.. Enumerable.Range(0, 8).Select(number => PhantomRenderer.Draw(new()
        {
            Seed = 1, Subject = number, Eye = PhantomEye.Left, Category = number % 4, Modality = PhantomModality.Cfp, Size = Width,
        }).Image)];
        List<byte[]> files = [];
        for (int number = 0; number < images; number++)
        {
            RgbImage image = new(Width, Height, [.. eyes[number % eyes.Count].Pixels.AsSpan(100 * Width * 3, Width * Height * 3)]);
            for (int bit = 0; bit < 16; bit++)
            {
                byte tone = (byte)((number >> bit & 1) * 255);
                for (int row = 0; row < 16; row++) image.Pixels.AsSpan(((row * Width) + (bit * 16)) * 3, 48).Fill(tone);
            }
            byte[] file = ImageEncoder.EncodeJpeg(image, 90);
            string category = Directory.CreateDirectory(Path.Combine(folder, number % 2 == 0 ? "Normal" : "Amd")).FullName;
            File.WriteAllBytes(Path.Combine(category, number.ToString("D6", CultureInfo.InvariantCulture) + ".jpg"), file);
            files.Add(file);
        }
        return files;
    }
}
