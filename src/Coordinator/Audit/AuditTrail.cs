using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Audit;

/// <summary>
/// Notes what is changed. The row goes into the transaction of the change itself; where a change writes nothing to the database, or is refused or fails, the row is written right after.
/// </summary>
internal sealed class AuditTrail(RequestDelegate next, AuditLog log)
{
    public async Task InvokeAsync(HttpContext context, FactoryDbContext database)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Audited>() is not { } audited)
        {
            await next(context);
            return;
        }
        AuditRow? row = audited.RefusalsOnly ? null : database.Audit = await log.NewRowAsync(context, Caller.Of(context.User), audited.Action, context.Request.Path, AuditOutcome.Done);
        try
        {
            await next(context);
        }
        catch (Exception fault)
        {
            int status = RefusalHandler.Describe(fault)?.Status ?? StatusCodes.Status500InternalServerError;
            // A quota's figures are nobody's secret, and what whoever reads the log wants to know.
            await WriteAsync(context, audited, status, fault is RefusedException { IsAudited: true } ? fault.Message : null);
            throw;
        }
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest) await WriteAsync(context, audited, context.Response.StatusCode);
        else if (row is not null && database.Entry(row).State != EntityState.Unchanged) await log.WriteAsync(row);
    }

    private async Task WriteAsync(HttpContext context, Audited audited, int status, string? why = null)
    {
        AuditOutcome outcome = status >= StatusCodes.Status500InternalServerError ? AuditOutcome.Failed : AuditOutcome.Refused;
        // Of many blobs refused for one reason, each has a path of its own.
        string target = audited.RefusalsOnly ? ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText! : context.Request.Path;
        AuditRow row = await log.NewRowAsync(context, Caller.Of(context.User), audited.Action, target, outcome, why ?? $"HTTP {status}");
        if (audited.RefusalsOnly) await log.CountAsync(row);
        else await log.WriteAsync(row);
    }
}
