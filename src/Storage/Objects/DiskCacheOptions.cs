using System.ComponentModel.DataAnnotations;

namespace Factory.Storage.Objects;

/// <summary>Where blobs of a remote store are kept near their readers.</summary>
public sealed class DiskCacheOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Objects:Cache";

    /// <summary>Folder of the cache, which several processes may share. Default: a folder in the system's temporary folder.</summary>
    [Required]
    public string Folder { get; set; } = Path.Combine(Path.GetTempPath(), "factory-cache");

    /// <summary>Bytes kept at most; larger blobs are not kept. Default 20 GiB.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long MaxBytes { get; set; } = 20L << 30;
}
