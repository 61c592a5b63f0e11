namespace Factory.Coordinator.Audit;

/// <summary>Metadata of an endpoint that changes something.</summary>
/// <param name="Action">What the audit log calls it, a noun and a verb: <c>run.submit</c>.</param>
internal sealed record Audited(string Action);

/// <summary>Declares what the audit log calls an endpoint.</summary>
internal static class AuditedEndpoints
{
    /// <summary>Has each call of an endpoint written to the audit log.</summary>
    public static TBuilder Audited<TBuilder>(this TBuilder endpoint, string action)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Audited(action));
}
