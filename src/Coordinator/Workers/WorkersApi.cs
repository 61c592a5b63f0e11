using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Workers;

/// <summary>HTTP endpoints that say who is there.</summary>
internal static class WorkersApi
{
    public static void MapWorkers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Version, () => new CoordinatorVersion { Build = FactoryBuild.Current }).RequireAuthorization(Rights.Greet);
        routes.MapGet(Routes.Workers, (FactoryDbContext database, WorkerRegistry registry, CancellationToken cancellationToken) => registry.ListAsync(database.VisibleProjects, cancellationToken)).RequireAuthorization(Rights.Read);
    }
}
