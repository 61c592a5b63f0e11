using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Factory.Coordinator.Tests.Access;

/// <summary>An endpoint that changes something, though nothing in the database, and answers a status.</summary>
internal sealed record FakeAudited(int Status)
{
    public void Map(WebApplication host) => host.MapPost($"/done-{Status}", () => Results.StatusCode(Status)).RequireAuthorization(Rights.Run).Audited("thing.do");
}
