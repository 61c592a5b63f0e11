using System.Security.Claims;
using Factory.Contracts.Api;
using Factory.Coordinator.Audit;
using Microsoft.Net.Http.Headers;

namespace Factory.Coordinator.Access;

/// <summary>HTTP endpoints of API keys.</summary>
internal static class KeysApi
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Keys, (KeyRing keys, CancellationToken cancellationToken) => keys.ListAsync(cancellationToken)).RequireAuthorization(Rights.Administer);
        routes.MapPost(Routes.Keys, (NewApiKey wanted, ClaimsPrincipal user, HttpResponse response, KeyRing keys, CancellationToken cancellationToken) =>
        {
            response.Headers[HeaderNames.CacheControl] = "no-store";
            return keys.CreateAsync(wanted, Caller.Of(user), cancellationToken);
        }).RequireAuthorization(Rights.Administer).Audited("key.create");
        routes.MapPost(Routes.KeyRevoke, (string id, KeyRing keys, CancellationToken cancellationToken) => keys.RevokeAsync(id, cancellationToken)).RequireAuthorization(Rights.Administer).Audited("key.revoke");
    }
}
