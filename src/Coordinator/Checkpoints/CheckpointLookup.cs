using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Checkpoints;

/// <summary>Finds checkpoints by how people refer to them.</summary>
internal static class CheckpointLookup
{
    private const int ShortestPrefix = 6;

    /// <summary>The checkpoint of that name, digest, or unique digest prefix of at least 6 digits, in the projects that the context sees.</summary>
    /// <exception cref="RefusedException">There is none, or several.</exception>
    public static async Task<Checkpoint> FindAsync(FactoryDbContext database, string reference, CancellationToken cancellationToken)
    {
        List<Checkpoint> named = await database.Checkpoints.Where(checkpoint => checkpoint.Name == reference).OrderBy(checkpoint => checkpoint.Project.Name).ToListAsync(cancellationToken);
        if (named.Count == 1) return named[0];
        if (named.Count > 1) throw RefusedException.Invalid($"there is a checkpoint {reference} in each of the projects {string.Join(", ", named.Select(checkpoint => checkpoint.Project.Name))}; say which one is meant (--project).");
        string prefix = reference.StartsWith("sha256:", StringComparison.Ordinal) ? reference[7..] : reference;
        List<Checkpoint> all = prefix.Length < ShortestPrefix ? [] : await database.Checkpoints.ToListAsync(cancellationToken);
        List<Checkpoint> matches = [.. all.Where(checkpoint => checkpoint.Digest.Hex.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).DistinctBy(checkpoint => checkpoint.Digest)];
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw RefusedException.Missing($"there is no checkpoint '{reference}'; see factory checkpoint list."),
            _ => throw RefusedException.Invalid($"'{reference}' fits {matches.Count} checkpoints: {string.Join(", ", matches.Select(match => match.Name))}; give more digits."),
        };
    }
}
