using System.Globalization;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Collections;

/// <summary>Finds collection versions by how people refer to them.</summary>
internal static class CollectionLookup
{
    /// <summary>The version that <c>name</c> (its latest) or <c>name@version</c> refers to, in the projects that the context sees.</summary>
    /// <exception cref="RefusedException">There is none, or projects have one each.</exception>
    public static async Task<CollectionVersion> FindAsync(FactoryDbContext database, string reference, CancellationToken cancellationToken)
    {
        string[] parts = reference.Split('@', 2);
        string name = parts[0];
        List<string> projects = await database.Collections.Where(collection => collection.Name == name)
            .Select(collection => collection.Project.Name).OrderBy(project => project).ToListAsync(cancellationToken);
        if (projects.Count > 1) throw RefusedException.Invalid($"there is a collection {name} in each of the projects {string.Join(", ", projects)}; say which one is meant (--project).");
        IQueryable<CollectionVersion> versions = database.CollectionVersions.Include(version => version.Collection)
            .Where(version => version.Collection.Name == name);
        CollectionVersion? found = parts.Length == 1
            ? await versions.OrderByDescending(version => version.Version).FirstOrDefaultAsync(cancellationToken)
            : int.TryParse(parts[1], CultureInfo.InvariantCulture, out int number)
                ? await versions.SingleOrDefaultAsync(version => version.Version == number, cancellationToken)
                : throw RefusedException.Invalid($"'{reference}' is not a collection: after @ comes a version number, as in {name}@1.");
        if (found is not null) return found;
        List<string> names = await database.Collections.OrderBy(collection => collection.Name).Select(collection => collection.Name).Take(20).ToListAsync(cancellationToken);
        throw RefusedException.Missing(names.Count == 0
            ? $"there is no collection {reference}; none is imported yet (factory collection import PATH --name {name})."
            : $"there is no collection {reference}; there are: {string.Join(", ", names)}.");
    }
}
