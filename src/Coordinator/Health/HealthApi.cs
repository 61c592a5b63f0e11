using Factory.Contracts.Api;

namespace Factory.Coordinator.Health;

/// <summary>What a cluster asks a coordinator before it restarts it or sends requests to it.</summary>
internal static class HealthApi
{
    /// <summary>Maps <see cref="Routes.Health"/> and <see cref="Routes.Ready"/>.</summary>
    /// <param name="routes">The host's routes.</param>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Health, () => "healthy").AllowAnonymous();
        routes.MapGet(Routes.Ready, async (Readiness readiness, CancellationToken cancellationToken) => await readiness.AskAsync(cancellationToken)
            ? Results.Text("ready")
            : Results.Text("not ready", statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous();
    }
}
