using Factory.Contracts.Api;
using Factory.Coordinator.Access;

namespace Factory.Coordinator.Audit;

/// <summary>HTTP endpoint of the audit log.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder routes) => routes.MapGet(Routes.Audit, ([AsParameters] AuditFilter filter, AuditLog log, CancellationToken cancellationToken) =>
        log.ReadAsync(filter.Checked(), cancellationToken)).RequireAuthorization(Rights.Audit);
}
