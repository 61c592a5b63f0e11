using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Coordinator.Workers;

/// <summary>HTTP endpoints that say who is there.</summary>
internal static class WorkersApi
{
    public static void MapWorkers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Version, () => new CoordinatorVersion { Build = FactoryBuild.Current });
        routes.MapGet(Routes.Workers, (WorkerRegistry registry, CancellationToken cancellationToken) => registry.ListAsync(cancellationToken));
    }
}
