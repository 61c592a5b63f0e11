namespace Factory.Coordinator.Audit;

/// <summary>Metadata of an endpoint that changes something.</summary>
/// <param name="Action">What the audit log calls it, a noun and a verb: <c>run.submit</c>.</param>
/// <param name="RefusalsOnly">Whether only what is refused or fails is noted, counted by the hour.</param>
internal sealed record Audited(string Action, bool RefusalsOnly);

/// <summary>Declares what the audit log calls an endpoint.</summary>
internal static class AuditedEndpoints
{
    /// <summary>Has each call of an endpoint written to the audit log.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="action">What the log calls it.</param>
    /// <param name="refusalsOnly">Whether only what is refused or fails is noted, counted by the hour.</param>
    public static TBuilder Audited<TBuilder>(this TBuilder endpoint, string action, bool refusalsOnly = false)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Audited(action, refusalsOnly));
}
