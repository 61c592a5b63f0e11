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
        if (context.GetEndpoint()?.Metadata.GetMetadata<Audited>() is not { Action: var action })
        {
            await next(context);
            return;
        }
        AuditRow row = database.Audit = await log.NewRowAsync(context, Caller.Of(context.User), action, context.Request.Path, AuditOutcome.Done);
        try
        {
            await next(context);
        }
        catch (Exception fault)
        {
            await WriteAsync(context, action, RefusalHandler.Describe(fault)?.Status ?? StatusCodes.Status500InternalServerError);
            throw;
        }
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest) await WriteAsync(context, action, context.Response.StatusCode);
        else if (database.Entry(row).State != EntityState.Unchanged) await log.WriteAsync(row);
    }

    private async Task WriteAsync(HttpContext context, string action, int status) => await log.WriteAsync(await log.NewRowAsync(
        context,
        Caller.Of(context.User),
        action,
        context.Request.Path,
        status >= StatusCodes.Status500InternalServerError ? AuditOutcome.Failed : AuditOutcome.Refused,
        $"HTTP {status}"));
}
