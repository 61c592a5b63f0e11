using System.ComponentModel.DataAnnotations;

namespace Factory.GpuWorker.Datasets;

/// <summary>Where a worker keeps what it can lose.</summary>
public sealed class ScratchOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Scratch";

    /// <summary>Folder of scratch files. Default: a folder in the system's temporary folder.</summary>
    [Required]
    public string Folder { get; set; } = Path.Combine(Path.GetTempPath(), "factory-scratch");

    /// <summary>Bytes of scratch files kept at most. Default 10 GiB; one item's inputs may exceed it for as long as the item takes.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long FileBytes { get; set; } = 10L << 30;

    /// <summary>Bytes of decoded images kept in memory at most; others are decoded again each time. Default 1 GiB.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long ImageCacheBytes { get; set; } = 1L << 30;
}
