using System.ComponentModel.DataAnnotations;
using Factory.Storage.Manifests;
using Factory.Storage.Objects.S3;

namespace Factory.Cli.Commands;

/// <summary>Where a user has a corpus: a folder, or <c>s3://BUCKET/PREFIX</c> with the server and the keys in the environment.</summary>
internal static class CorpusPlace
{
    private const string Scheme = "s3://";
    private const string Hint = "set FACTORY_S3_ENDPOINT, FACTORY_S3_ACCESS_KEY, FACTORY_S3_SECRET_KEY, and FACTORY_S3_REGION where the server has regions.";

    /// <summary>What help texts say of such an argument.</summary>
    public const string Description = "a folder, or s3://BUCKET/PREFIX (the server from FACTORY_S3_ENDPOINT, _ACCESS_KEY, _SECRET_KEY and _REGION)";

    /// <summary>Opens a place.</summary>
    /// <param name="path">What the user said.</param>
    /// <exception cref="CliException">It is no place, or the environment does not say how to reach it.</exception>
    public static ICorpusPlace Open(string path)
    {
        if (!path.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return new FolderPlace(path);
        string[] parts = path[Scheme.Length..].Split('/', 2);
        string prefix = parts.Length > 1 ? parts[1].TrimEnd('/') : "";
        if (parts[0].Length == 0 || prefix.Length == 0) throw new CliException($"{path} names no bucket and prefix; it looks like s3://bucket/corpora/name.");
        S3Options options = new()
        {
            Endpoint = Said("ENDPOINT") ?? "",
            Region = Said("REGION") ?? "us-east-1",
            AccessKey = Said("ACCESS_KEY") ?? "",
            SecretKey = Said("SECRET_KEY") ?? "",
            Bucket = parts[0],
            Prefix = prefix,
        };
        List<ValidationResult> faults = [];
        if (Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true)) return new S3CorpusPlace(options, TimeProvider.System);
        throw new CliException($"{path} cannot be reached: {string.Join(" ", faults.Select(fault => fault.ErrorMessage))} For {Scheme} {Hint}");
    }

    private static string? Said(string name) => Environment.GetEnvironmentVariable("FACTORY_S3_" + name) is { Length: > 0 } value ? value : null;
}
