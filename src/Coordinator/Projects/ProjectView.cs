using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Projects;

/// <summary>Which projects a request is about. Everything it finds in its database context is of these.</summary>
/// <param name="database">The request's context.</param>
internal sealed class ProjectView(FactoryDbContext database)
{
    private string _caller = "";

    /// <summary>Whether the caller sees some projects only. Then a blob is there for it only where one of these has it.</summary>
    public bool IsConfined { get; private set; }

    /// <summary>Confines the request to what its caller sees and its header names.</summary>
    /// <param name="caller">Whose request it is, for messages.</param>
    /// <param name="projects">Names of the projects that the caller sees; null: all.</param>
    /// <param name="named">The project that the request names; null: none.</param>
    /// <param name="cancellationToken">Cancels the look at the database.</param>
    /// <exception cref="RefusedException">The caller sees no project of that name.</exception>
    public async Task SetAsync(string caller, IReadOnlyList<string>? projects, string? named, CancellationToken cancellationToken)
    {
        (_caller, IsConfined) = (caller, projects is not null);
        if (projects is null && named is null) return;
        database.VisibleProjects = await database.Projects.AsNoTracking()
            .Where(project => (projects == null || projects.Contains(project.Name)) && (named == null || project.Name == named)).Select(project => project.Id).ToListAsync(cancellationToken);
        if (named is not null && database.VisibleProjects.Count == 0) throw Missing(named);
    }

    /// <summary>The projects, by name.</summary>
    public IQueryable<Project> Projects => database.VisibleProjects is { } visible ? database.Projects.Where(project => visible.Contains(project.Id)) : database.Projects;

    /// <summary>The project that what is brought in goes to: the only one the request is about, or else the default one.</summary>
    /// <exception cref="RefusedException">The caller sees several others, or none.</exception>
    public async Task<Project> TargetAsync(CancellationToken cancellationToken)
    {
        if (database.VisibleProjects is not { } visible) return await FindAsync(Project.DefaultId, cancellationToken);
        if (visible.Count == 1) return await FindAsync(visible[0], cancellationToken);
        if (visible.Contains(Project.DefaultId)) return await FindAsync(Project.DefaultId, cancellationToken);
        List<string> names = await Projects.OrderBy(project => project.Name).Select(project => project.Name).ToListAsync(cancellationToken);
        throw RefusedException.Invalid(names.Count == 0 ? $"{_caller} sees no project; ask an admin." : $"say which project this is for (--project): {string.Join(" or ", names)}.");
    }

    /// <summary>What is said of a project that is not there, or not for the caller.</summary>
    public static RefusedException Missing(string name) => RefusedException.Missing($"there is no project '{name}'; see factory project list.");

    private Task<Project> FindAsync(int id, CancellationToken cancellationToken) => database.Projects.SingleAsync(project => project.Id == id, cancellationToken);
}
