using System.Diagnostics;
using System.Globalization;
using Factory.Synthesis;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Cams.Manipulations;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Bench;

/// <summary>The generator's forward pass and training step, and a classifier's step, against the same network under PyTorch in the same run, and what comes before a forward pass as a share of it.</summary>
internal static class NetworksBenchmark
{
    private const double Bfloat16Target = 1.5;
    private const double ShareTarget = 0.05;
    private const int Channels = 3;

    private static int Threads => Environment.ProcessorCount;

    /// <summary>Forward pass, float32 and bfloat16.</summary>
    public static int Forward(string preset, int batch, int rounds)
    {
        GeneratorArchitecture architecture = Prepare(preset);
        using ImageGenerator generator = ImageGenerator.Create(architecture, new Rng(1));
        generator.eval();
        using torch.Tensor input = torch.rand(batch, Channels, architecture.Size, architecture.Size);
        double single = Median(rounds, () => Pass(generator, input));
        double reference = Torch("forward", architecture, batch, rounds);
        generator.to(torch.ScalarType.BFloat16);
        using torch.Tensor half = input.to(torch.ScalarType.BFloat16);
        double bfloat16 = Median(rounds, () => Pass(generator, half));
        Measure.Print($"forward: {preset}, batch {batch}, {Threads} threads, median of {rounds}: float32 {single * 1000:F0} ms, PyTorch {reference * 1000:F0} ms, ratio {reference / single:F2} (target 1); bfloat16 {bfloat16 * 1000:F0} ms, ratio to float32 {single / bfloat16:F2} (target {Bfloat16Target})");
        return reference >= single && single / bfloat16 >= Bfloat16Target ? 0 : 1;
    }

    /// <summary>One optimization step at the preset's batch size, without the perceptual loss.</summary>
    public static int Step(string preset, int rounds)
    {
        GeneratorArchitecture architecture = Prepare(preset);
        GeneratorTrainingOptions options = GeneratorTrainingOptions.OfPreset(preset, Channels) with { Steps = rounds + 1 };
        PairedSet pairs = new(2, _ => (new ConditionMap(Channels, 14, 14, new byte[Channels * 196]), new RgbImage(architecture.LoadSize, architecture.LoadSize)));
        using GeneratorTraining training = GeneratorTraining.Start(options, pairs);
        double own = Median(rounds, () => training.Run(1));
        double reference = Torch("step", architecture, options.BatchSize, rounds);
        Measure.Print($"step: {preset}, batch {options.BatchSize}, {Threads} threads, median of {rounds}: {own * 1000:F0} ms, PyTorch {reference * 1000:F0} ms, ratio {reference / own:F2} (target 1)");
        return reference >= own ? 0 : 1;
    }

    /// <summary>One step of a ResNet-18, images drawn and prepared included, which PyTorch's has ready.</summary>
    public static int ClassifierStep(int size, int batch, int rounds)
    {
        const int Categories = 4;
        PrepareThreads();
        ClassifierTrainingOptions options = new()
        {
            Architecture = new() { Categories = Categories, Size = size },
            CategoryNames = [.. Enumerable.Range(0, Categories).Select(number => $"c{number}")],
            BatchSize = batch,
            Augmentation = Augmentation.None,
            Epochs = 1,
            DrawsPerEpoch = batch * (rounds + 2),
        };
        using ClassifierTraining training = ClassifierTraining.Start(options, new ImageSet(batch, number => number % Categories, _ => new RgbImage(size, size)), null);
        double own = Median(rounds, () => training.Run(1));
        double reference = Torch("classifier", rounds, $"{size} {batch}");
        Measure.Print($"classifier-step: ResNet-18, {size} px, batch {batch}, {Threads} threads, median of {rounds}: {own * 1000:F0} ms, PyTorch {reference * 1000:F0} ms, ratio {reference / own:F2} (target 1)");
        return reference >= own ? 0 : 1;
    }

    /// <summary>CAM, manipulation, condition map and resize of one image as a share of the forward pass.</summary>
    public static int Conditions(string preset, int rounds)
    {
        GeneratorArchitecture architecture = Prepare(preset);
        using ResNet classifier = new(new ClassifierArchitecture { Categories = Channels + 1, Size = architecture.Size }, new Rng(2));
        using torch.Tensor image = torch.rand(1, 3, architecture.Size, architecture.Size);
        double activation = Median(rounds, () => ClassActivation.Compute(classifier, image));
        Cam cam = ClassActivation.Compute(classifier, image).Cams[0];
        Manipulation shift = ManipulationRegistry.Create("shift");
        double rest = Median(rounds, () => ConditionMap.FromCam(shift.Apply(cam, 1, horizontalOnly: false, null, new Rng(3)).Cam).Resize(architecture.Size));
        using ImageGenerator generator = ImageGenerator.Create(architecture, new Rng(1));
        generator.eval();
        using torch.Tensor input = torch.rand(1, Channels, architecture.Size, architecture.Size);
        double forward = Median(rounds, () => Pass(generator, input));
        double share = (activation + rest) / forward;
        Measure.Print($"conditions: {preset}, {Threads} threads, median of {rounds}: CAM {activation * 1000:F1} ms, manipulation, map and resize {rest * 1000:F1} ms, forward {forward * 1000:F1} ms, share {share:F3} (target {ShareTarget})");
        return share < ShareTarget ? 0 : 1;
    }

    private static GeneratorArchitecture Prepare(string preset)
    {
        PrepareThreads();
        return GeneratorPresets.Find(preset, Channels);
    }

    private static void PrepareThreads()
    {
        ThreadWaiting.MakePassive();
        torch.set_num_threads(Threads);
    }

    private static void Pass(ImageGenerator generator, torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        generator.call(input);
    }

    private static double Median(int rounds, Action run)
    {
        run();
        return Measure.Median(Enumerable.Range(0, rounds).Select(_ =>
        {
            long started = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }));
    }

    private static double Torch(string what, GeneratorArchitecture a, int batch, int rounds) => Torch(
        what, rounds, $"{a.Ngf} {a.Downsamplings} {a.Blocks} {a.LocalBlocks ?? -1} {(a.Norm == NormKind.Batch ? "batch" : "instance")} {a.Ndf} {a.Size} {batch}");

    private static double Torch(string what, int rounds, FormattableString shape)
    {
        string script = Path.Combine(RepositoryRoot(), "bench", "Factory.Bench", "torch_times.py");
        ProcessStartInfo start = new("/usr/bin/python3", [script, what, $"{rounds}", $"{Threads}", .. FormattableString.Invariant(shape).Split(' ')]) { RedirectStandardOutput = true };
        using Process python = Process.Start(start)!;
        string seconds = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0
            ? double.Parse(seconds, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("PyTorch's times could not be had: install python3-torch and python3-torchvision.");
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Factory.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("The benchmarks of networks read the repository they were built in.");
    }
}
