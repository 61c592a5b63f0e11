using System.Text.RegularExpressions;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Projects;

/// <summary>HTTP endpoints of projects and their quotas.</summary>
internal static partial class ProjectsApi
{
    public static void MapProjects(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Projects, ListAsync).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.Project, async (string name, ProjectView view, FactoryDbContext database, CancellationToken cancellationToken) =>
            await DescribeAsync(database, await FindAsync(view, name, cancellationToken), cancellationToken)).RequireAuthorization(Rights.Read);
        routes.MapPost(Routes.Projects, (NewProject wanted, FactoryDbContext database, IDatabaseClock clock, CancellationToken cancellationToken) =>
            Collision.RepeatAsync(database, () => CreateAsync(wanted, database, clock, cancellationToken))).RequireAuthorization(Rights.Administer).Audited("project.create");
        routes.MapPost(Routes.ProjectQuotas, SetAsync).RequireAuthorization(Rights.Administer).Audited("project.quotas");
        routes.MapPost(Routes.ImportAnnouncement, async (ImportAnnouncement import, ProjectView view, FactoryDbContext database, CancellationToken cancellationToken) =>
        {
            if (import.Images < 0) throw RefusedException.Invalid($"an import brings 0 images or more, not {import.Images}.");
            // Each is some bytes; how many is known when it is prepared.
            await ProjectLedger.RequireRoomAsync(database, await view.TargetAsync(cancellationToken), import.Images, import.Images, cancellationToken);
        }).RequireAuthorization(Rights.Curate).Audited("import.announce", refusalsOnly: true);
    }

    private static async Task<List<ProjectDetail>> ListAsync(ProjectView view, FactoryDbContext database, CancellationToken cancellationToken)
    {
        List<ProjectDetail> details = [];
        foreach (Project project in await view.Projects.AsNoTracking().OrderBy(project => project.Name).ToListAsync(cancellationToken)) details.Add(await DescribeAsync(database, project, cancellationToken));
        return details;
    }

    private static async Task<ProjectDetail> CreateAsync(NewProject wanted, FactoryDbContext database, IDatabaseClock clock, CancellationToken cancellationToken)
    {
        if (!NamePattern().IsMatch(wanted.Name)) throw RefusedException.Invalid($"'{wanted.Name}' is not a project name: lower-case letters, digits and dashes, at most {Project.NameLength}.");
        RequireSound(wanted.Quotas);
        if (await database.Projects.AnyAsync(project => project.Name == wanted.Name, cancellationToken)) throw RefusedException.Conflict($"a project named {wanted.Name} exists already.");
        Project added = new() { Name = wanted.Name, ImageQuota = wanted.Quotas.Images, ByteQuota = wanted.Quotas.Bytes, CreatedAt = await clock.NowAsync(database, cancellationToken) };
        database.Projects.Add(added);
        database.Audit?.Target = $"{Routes.Projects}/{added.Name}";
        await database.SaveChangesAsync(cancellationToken);
        return await DescribeAsync(database, added, cancellationToken);
    }

    private static async Task<ProjectDetail> SetAsync(string name, ProjectQuotas quotas, ProjectView view, FactoryDbContext database, CancellationToken cancellationToken)
    {
        RequireSound(quotas);
        // Written alone, so that what the project has meanwhile is not written over.
        Project project = await FindAsync(view, name, cancellationToken);
        (project.ImageQuota, project.ByteQuota) = (quotas.Images, quotas.Bytes);
        await database.SaveChangesAsync(cancellationToken);
        return await DescribeAsync(database, project, cancellationToken);
    }

    private static void RequireSound(ProjectQuotas quotas)
    {
        if (quotas.Images < 0 || quotas.Bytes < 0) throw RefusedException.Invalid("a quota is 0 or more.");
    }

    private static async Task<Project> FindAsync(ProjectView view, string name, CancellationToken cancellationToken) =>
        await view.Projects.SingleOrDefaultAsync(project => project.Name == name, cancellationToken) ?? throw ProjectView.Missing(name);

    private static async Task<ProjectDetail> DescribeAsync(FactoryDbContext database, Project project, CancellationToken cancellationToken) => new()
    {
        Name = project.Name,
        Quotas = new() { Images = project.ImageQuota, Bytes = project.ByteQuota },
        Images = project.Images,
        ReservedImages = project.ReservedImages,
        Bytes = await ProjectLedger.BytesAsync(database, project, cancellationToken),
        CreatedAt = project.CreatedAt,
    };

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex NamePattern();
}
