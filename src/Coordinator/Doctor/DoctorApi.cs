using Factory.Contracts.Api;
using Factory.Coordinator.Access;

namespace Factory.Coordinator.Doctor;

/// <summary>HTTP endpoint that examines the deployment. Tries things for real, so it is for whoever has workers work, not for whoever looks.</summary>
internal static class DoctorApi
{
    public static void MapDoctor(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Routes.Doctor, (DeploymentChecks checks, CancellationToken cancellationToken) => Examination.RunAsync(checks.All(), TimeProvider.System, cancellationToken))
            .RequireAuthorization(Rights.Examine);
}
