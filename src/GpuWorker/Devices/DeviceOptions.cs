using System.ComponentModel.DataAnnotations;

namespace Factory.GpuWorker.Devices;

/// <summary>Which device a worker computes on.</summary>
public sealed class DeviceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Device";

    /// <summary><c>auto</c> (default: the first CUDA device, else the CPU), <c>cpu</c>, or <c>cuda:N</c>.</summary>
    [RegularExpression("auto|cpu|cuda(:[0-9]{1,2})?", ErrorMessage = "Device:Name must be auto, cpu or cuda:N.")]
    public string Name { get; set; } = "auto";
}
