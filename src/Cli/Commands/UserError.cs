using Factory.Storage.Objects;

namespace Factory.Cli.Commands;

/// <summary>Tells a user's mistakes, and the world's, from our own: the former are explained in a line, the latter keep their stack trace.</summary>
internal static class UserError
{
    /// <summary>The line for the user; nothing when the fault is ours.</summary>
    public static string? Explain(Exception fault) => fault switch
    {
        CliException mistake => mistake.Message,
        Coordinator.Recipes.RecipeInvalidException mistake => mistake.Message,
        Synthesis.Phantoms.PhantomDirectoryException mistake => mistake.Message,
        Synthesis.Networks.SafeTensorsException mistake => mistake.Message,
        Synthesis.Networks.CheckpointException mistake => mistake.Message,
        Storage.Manifests.ManifestFormatException mistake => mistake.Message,
        Storage.Manifests.CorpusFolderException mistake => mistake.Message,
        Storage.Provenance.DatabaseSchemaException mistake => mistake.Message,
        ObjectStoreUnavailableException or ObjectStoreRefusedException or ObjectMissingException or ObjectCorruptException => fault.Message,
        UnauthorizedAccessException denied => denied.Message,
        IOException { HResult: DiskFull or DiskFullWindows } full => $"the disk is full: {full.Message}",
        IOException readOnly when readOnly.Message.Contains("Read-only file system", StringComparison.Ordinal) => readOnly.Message,
        _ => Storage.Provenance.DatabaseFaults.ExplainUnusable(fault),
    };

    private const int DiskFull = 28;
    private const int DiskFullWindows = unchecked((int)0x80070070);
}
