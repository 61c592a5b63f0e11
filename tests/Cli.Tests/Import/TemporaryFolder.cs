using System.Security.Cryptography;
using Factory.Cli.Import;
using Factory.Contracts.Api;
using Factory.Synthesis.Imaging;

namespace Factory.Cli.Tests.Import;

/// <summary>A folder of small drawn images that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("factory-import-");

    public string Root => _folder.FullName;

    /// <summary>Writes an image whose pixels follow from a number.</summary>
    public void Draw(string path, int picture, int side = 64) => Write(path, ImageEncoder.EncodePng(Picture(picture, side)));

    public void Write(string path, byte[] bytes)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }

    public void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    public static RgbImage Picture(int number, int side = 64)
    {
        RgbImage image = new(side, side);
        byte[] noise = SHA256.HashData(BitConverter.GetBytes(number));
        for (int at = 0; at < image.Pixels.Length; at++) image.Pixels[at] = noise[at / 3 / 8 % noise.Length];
        return image;
    }

    public ImportOptions Options => new() { Path = Root, Name = "test", Parallelism = 4 };

    public Task<ImportOutcome> ImportAsync(MemoryTarget? target = null, Func<ImportOptions, ImportOptions>? with = null) =>
        new CollectionImport(target ?? new MemoryTarget(), with is null ? Options : with(Options)).RunAsync(ImportProgress.None, TestContext.Current.CancellationToken);

    /// <summary>Imports, expects to be refused, and returns the message.</summary>
    public async Task<string> RefusedAsync(Func<ImportOptions, ImportOptions>? with = null)
    {
        MemoryTarget target = new();
        string message = (await Should.ThrowAsync<CliException>(() => ImportAsync(target, with))).Message;
        target.Versions.ShouldBeEmpty();
        message.ShouldNotContain('\n');
        return message;
    }

    public static string ReasonFor(ImportOutcome outcome, string path) => outcome.Version.Refused.Single(file => file.Path == path).Reason;

    public static CollectionImageEntry Entry(ImportOutcome outcome, string path) => outcome.Version.Images.Single(image => image.Path == path);

    public void Dispose() => _folder.Delete(recursive: true);
}
