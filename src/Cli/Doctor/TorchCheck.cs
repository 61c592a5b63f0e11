using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Factory.Coordinator.Doctor;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Devices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static TorchSharp.torch;

namespace Factory.Cli.Doctor;

/// <summary>Whether torch loads, and computes on the device asked for.</summary>
/// <param name="name">The device: <c>auto</c>, <c>cpu</c> or <c>cuda:N</c>.</param>
internal sealed class TorchCheck(string name) : IDoctorCheck
{
    private const int Side = 8;

    /// <inheritdoc/>
    public string Name => "torch";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        DeviceOptions options = new() { Name = name };
        List<ValidationResult> mistakes = [];
        if (!Validator.TryValidateObject(options, new(options), mistakes, validateAllProperties: true))
        {
            return CheckResult.Fault($"the device is '{name}'", "set --device or FACTORY_DEVICE to auto, cpu or cuda:N");
        }
        try
        {
            using TorchDevice device = new(Options.Create(options), NullLogger<TorchDevice>.Instance);
            await device.RunAsync(new() { Device = device.Kind, Threads = Environment.ProcessorCount }, () => Compute(device), cancellationToken);
            DeviceFacts facts = DeviceFacts.Of(device);
            string memory = facts.Bytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes / (double)(1L << 30):0.0} GiB") : "";
            return CheckResult.Ok($"computes on {device.Name}: {facts.Name}{memory}");
        }
        catch (PermanentWorkException absent)
        {
            return CheckResult.Fault(absent.Message, "see factory --help on --device");
        }
        catch (Exception unloaded) when (unloaded is DllNotFoundException or NotSupportedException or TypeInitializationException or BadImageFormatException)
        {
            return CheckResult.Fault($"torch does not load: {(unloaded.InnerException ?? unloaded).Message.Split('\n', 2)[0]}", "build again on this system: libtorch must lie beside the program");
        }
    }

    private static bool Compute(TorchDevice device)
    {
        using Tensor square = ones(Side, Side, device: device.Device), product = square.matmul(square), sum = product.sum();
        return sum.item<float>() > 0;
    }
}
