using System.Diagnostics;
using Factory.Cli.Hosting;
using Factory.Cli.Tests.Access;
using Factory.Cli.Tests.Import;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Published;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Cli.Tests.Checkpoints;

/// <summary>The built command on files that PyTorch wrote (tests/fixtures/checkpoints).</summary>
public sealed class CheckpointCommandTests : IDisposable
{
    private const string Four = "--categories Normal,DryAmd,Pcv,WetAmd --background Normal";
    private readonly TemporaryFolder _folder = new();

    private static string Fixtures
    {
        get
        {
            DirectoryInfo folder = new(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Factory.sln"))) folder = folder.Parent!;
            return Path.Combine(folder.FullName, "tests", "fixtures", "checkpoints");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PublishedWeights_AreImported_ShownWithTheirOrigin_AndExported()
    {
        await using EmbeddedFactory factory = await StartAsync();

        CommandOutcome imported = await RunAsync(factory, $"import {Fixture("resnet18_parallel_half_legacy.pth")} --name net {Four} --size 64");

        imported.Code.ShouldBe(0, imported.Errors);
        imported.Output.ShouldStartWith("net: classifier resnet18-w2-s32, ");
        CommandOutcome shown = await RunAsync(factory, "show net");
        shown.Output.ShouldContain("categories: Normal (background), DryAmd, Pcv, WetAmd");
        shown.Output.ShouldContain("imported from torch-legacy, sha256 ");
        shown.Output.ShouldContain("the prefix 'module.' was taken off all keys");
        (await RunAsync(factory, $"import {Fixture("local_net_G.pth")} --name gen {Four} --size 64 --classifier net")).Output.ShouldStartWith("gen: generator custom, ");
        (await RunAsync(factory, $"import {Fixture("vgg19.pth")} --name vgg")).Output.ShouldStartWith("vgg: perceptual vgg19, ");
        string file = Path.Combine(_folder.Root, "vgg.safetensors");
        (await RunAsync(factory, $"export vgg {file}")).Code.ShouldBe(0);
        (await RunAsync(factory, $"import {file} --name again")).Output.ShouldStartWith("again: perceptual vgg19, ");
    }

    [Fact]
    public async Task PublishedGenerator_WithItsDiscriminator_GoesOutAsTheTwoFilesItCameFrom()
    {
        await using EmbeddedFactory factory = await StartAsync();
        string file = Path.Combine(_folder.Root, "out.safetensors");
        await RunAsync(factory, $"import {Fixture("resnet18.pth")} --name net {Four} --size 64");

        CommandOutcome imported = await RunAsync(factory, $"import {Fixture("batch_net_G.pth")} --discriminator {Fixture("batch_net_D.pth")} --name gen {Four} --size 64 --classifier net");

        imported.Code.ShouldBe(0, imported.Errors);
        (await RunAsync(factory, "show gen")).Output.ShouldContain("  with its discriminator, sha256 ");
        (await RunAsync(factory, $"export gen {file}")).Code.ShouldBe(0);
        foreach ((string written, string published) in new[] { (file, "batch_net_G.pth"), (Path.Combine(_folder.Root, "out.discriminator.safetensors"), "batch_net_D.pth") })
        {
            using WeightFile left = WeightFile.Open(written), right = WeightFile.Open(Fixture(published));
            left.Entries.Keys.ShouldBe(right.Entries.Keys, ignoreOrder: true);
            foreach (string key in right.Entries.Keys) left.Read(key).allclose(right.Read(key)).ShouldBeTrue(key);
        }
    }

    [Theory]
    [InlineData("hostile.pth", "", "'posix.system'")]
    [InlineData("make_fixtures.py", "", "no checkpoint")]
    [InlineData("nowhere.pth", "", "there is no file")]
    [InlineData("batch_net_D.pth", "", "is a discriminator (discriminator-w1), which no step of a recipe takes")]
    [InlineData("mm_cnn.pth", "", "is a two-stream (two-stream-resnet18-w1-s32) for 4 categories; name them with --categories")]
    [InlineData("resnet18.pth", "", "for 4 categories; name them with --categories")]
    [InlineData("resnet18.pth", "--categories A,B --background A", "--categories names 2: A, B")]
    [InlineData("resnet18.pth", "--categories A,B,C,a --background A", "name each category once")]
    [InlineData("resnet18.pth", "--categories A,B,C,D --background E", "--background E is none of")]
    [InlineData("resnet18.pth", Four, "say with --size")]
    [InlineData("resnet18.pth", Four + " --size 65", "must be a multiple of")]
    [InlineData("resnet18.pth", Four + " --size 64 --channels grb", "--channels must be rgb or bgr, is 'grb'")]
    [InlineData("resnet18.pth", Four + " --size 64 --classifier 123456", "there is no checkpoint '123456'")]
    [InlineData("batch_net_G.pth", Four + " --size 64", "say with --classifier")]
    [InlineData("vgg19.pth", Four, "knows no categories")]
    [InlineData("resnet18.pth", Four + " --size 64 --discriminator x.pth", "--discriminator is for generators")]
    public async Task BadInput_IsOneLine_AndNothingIsRegistered(string file, string options, string expected)
    {
        await using EmbeddedFactory factory = await StartAsync();

        CommandOutcome refused = await RunAsync(factory, $"import {Fixture(file)} --name it {options}");

        ShouldBeOneLine(refused, expected);
        (await RunAsync(factory, "list")).Output.ShouldContain("no checkpoints yet");
    }

    [Theory]
    [InlineData("nowhere.pth", "--discriminator: there is no file")]
    [InlineData("hostile.pth", "'posix.system'")]
    [InlineData("batch_net_G.pth", "A discriminator goes with a generator, not a generator (")]
    [InlineData("instance_net_D.pth", "The discriminator has Instance norms, the generator Batch norms")]
    public async Task DiscriminatorThatDoesNotGoWithTheGenerator_IsOneLine_AndNothingIsRegistered(string file, string expected)
    {
        await using EmbeddedFactory factory = await StartAsync();
        await RunAsync(factory, $"import {Fixture("resnet18.pth")} --name net {Four} --size 64");
        string discriminator = file == "instance_net_D.pth" ? WithoutNorms("batch_net_D.pth") : Fixture(file);

        CommandOutcome refused = await RunAsync(factory, $"import {Fixture("batch_net_G.pth")} --discriminator {discriminator} --name it {Four} --size 64 --classifier net");

        ShouldBeOneLine(refused, expected);
        (await RunAsync(factory, "list")).Output.ShouldNotContain("generator");
    }

    private static void ShouldBeOneLine(CommandOutcome refused, string expected)
    {
        refused.Code.ShouldBe(1, refused.Output);
        refused.Errors.ShouldStartWith("error: ");
        refused.Errors.ShouldContain(expected);
        refused.Errors.ShouldNotContain("\n");
    }

    // What is left of a discriminator is one with instance norms, which have no weights.
    private string WithoutNorms(string name)
    {
        using WeightFile file = WeightFile.Open(Fixture(name));
        string path = Path.Combine(_folder.Root, "instance_net_D.safetensors");
        using FileStream written = File.Create(path);
        SafeTensors.Write(written, file.Entries.Keys.Where(key => key.Contains(".0.", StringComparison.Ordinal)).Select(key => new NamedTensor(key, file.Read(key))));
        return path;
    }

    [Fact]
    public async Task TruncatedFile_IsOneLine()
    {
        await using EmbeddedFactory factory = await StartAsync();
        string file = Path.Combine(_folder.Root, "cut.pth");
        byte[] whole = await File.ReadAllBytesAsync(Fixture("resnet18.pth"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(file, whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);

        CommandOutcome refused = await RunAsync(factory, $"import {file} --name it {Four} --size 64");

        (refused.Code, refused.Output).ShouldBe((1, ""));
        refused.Errors.ShouldContain("truncated");
        refused.Errors.ShouldNotContain("\n");
    }

    [Fact]
    public async Task LabelConditionedGenerator_ComesInAndGoesOutAsItIs()
    {
        await using EmbeddedFactory factory = await StartAsync();
        string own = Path.Combine(_folder.Root, "own.safetensors"), back = Path.Combine(_folder.Root, "back.safetensors");
        using (LabelGeneratorTraining training = LabelGeneratorTraining.Start(
            new() { Architecture = new() { Categories = 2, Size = 16, Channels = 8, Noise = 4 } }, ImageSet.Of([(new RgbImage(16, 16), 0), (new RgbImage(16, 16), 1)])))
        await using (FileStream stream = File.Create(own))
        {
            training.Export(stream, new Dictionary<string, string> { ["background"] = "0", ["categories"] = """["Normal","Ill"]""" });
        }

        (await RunAsync(factory, $"import {own} --name label")).Output.ShouldStartWith("label: label-generator label-custom, ");
        (await RunAsync(factory, "show label")).Output.ShouldContain("categories: Normal (background), Ill");
        (await RunAsync(factory, $"export label {back}")).Code.ShouldBe(0);
        (await File.ReadAllBytesAsync(back, TestContext.Current.CancellationToken)).ShouldBe(await File.ReadAllBytesAsync(own, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ExportedNetworks_LoadInPyTorchWithStrictKeys()
    {
        if (!await HasTorchAsync()) Assert.Skip("/usr/bin/python3 has no torch and torchvision (Debian: python3-torchvision).");
        await using EmbeddedFactory factory = await StartAsync();
        string own = Path.Combine(_folder.Root, "own.safetensors");
        using (GeneratorTraining training = GeneratorTraining.Start(
            new() { Architecture = new() { Ngf = 2, Ndf = 2, Downsamplings = 2, Blocks = 1, Size = 64, LoadSize = 64 } }, new PairedSet(1, _ => (new ConditionMap(3, 4, 4, new byte[48]), new RgbImage(64, 64)))))
        await using (FileStream stream = File.Create(own))
        {
            training.Export(stream, new Dictionary<string, string> { ["background"] = "0", ["categories"] = """["Normal","DryAmd","Pcv","WetAmd"]""", ["classifier"] = new('a', 64) });
        }
        foreach (string import in new[] { $"resnet18.pth --name net {Four} --size 64", $"local_net_G.pth --name local {Four} --size 64 --classifier net", "vgg19.pth --name vgg", $"mm_cnn.pth --name two {Four} --size 64 --channels bgr" })
        {
            CommandOutcome imported = await RunAsync(factory, $"import {Fixtures}/{import}");
            imported.Code.ShouldBe(0, imported.Errors);
        }
        (await RunAsync(factory, $"import {own} --name own")).Code.ShouldBe(0);
        List<string> files = [];
        foreach (string name in new[] { "net", "local", "vgg", "own", "two" }) files.AddRange((await RunAsync(factory, $"export {name} {_folder.Root}/{name}-out.safetensors")).Output.Split('\n'));
        files.Count.ShouldBe(6, "the generator's discriminator has a file of its own");

        (int code, string output) = await PythonAsync([Fixture("load_strict.py"), .. files]);

        code.ShouldBe(0, output);
        output.Split('\n').Count(line => line.EndsWith("strict", StringComparison.Ordinal)).ShouldBe(6, output);
        (await RunAsync(factory, $"export own {_folder.Root}/whole.safetensors --whole")).Code.ShouldBe(0);
        (await File.ReadAllBytesAsync(Path.Combine(_folder.Root, "whole.safetensors"), TestContext.Current.CancellationToken)).ShouldBe(await File.ReadAllBytesAsync(own, TestContext.Current.CancellationToken));
    }

    private static string Fixture(string name) => Path.Combine(Fixtures, name);

    private static async Task<bool> HasTorchAsync() => File.Exists("/usr/bin/python3") && (await PythonAsync(["-c", "import torch, torchvision"])).Code == 0;

    private static async Task<(int Code, string Output)> PythonAsync(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-B", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output + await errors).TrimEnd());
    }

    private static Task<CommandOutcome> RunAsync(EmbeddedFactory factory, string command) =>
        FactoryCommand.RunAsync(factory.Url, null, ["checkpoint", .. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    private Task<EmbeddedFactory> StartAsync() => EmbeddedFactory.StartAsync(new() { DataFolder = _folder.Root + "/data", Work = false }, CancellationToken.None);
}
