using Factory.Contracts.Api;
using Factory.Coordinator.Audit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;

namespace Factory.Coordinator.Access;

/// <summary>Answers who may not, with ProblemDetails that say why in one line: 401 to whom it does not know, 403 to whom it does.</summary>
internal sealed class AccessAnswers(IProblemDetailsService problems, AuditLog audit) : IAuthorizationMiddlewareResultHandler
{
    private const string Authenticate = "authenticate";
    private const string AnyPath = "/api";

    /// <inheritdoc/>
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        // Whom we know may hear that there is no such path, or no such method at it.
        if (authorizeResult.Succeeded || (context.User.Identity is { IsAuthenticated: true } && context.GetEndpoint() is not RouteEndpoint))
        {
            await next(context);
            return;
        }
        if (authorizeResult.Forbidden)
        {
            string why = Forbid(Caller.Of(context.User), policy);
            string action = context.GetEndpoint()?.Metadata.GetMetadata<Audited>()?.Action ?? context.Request.Method.ToLowerInvariant();
            await audit.CountAsync(await audit.NewRowAsync(context, Caller.Of(context.User), action, context.Request.Path, AuditOutcome.Refused, why));
            await AnswerAsync(context, StatusCodes.Status403Forbidden, why);
            return;
        }
        AccessFailedException? failure = context.Features.Get<AccessFailedException>();
        if (failure is { Wait: { } wait })
        {
            await RequestLimit.AnswerAsync(context, failure.Message, wait);
            return;
        }
        if (failure is not null)
        {
            await audit.CountAsync(await audit.NewRowAsync(context, failure.Caller ?? AuditLog.Unknown, Authenticate, AnyPath, AuditOutcome.Refused, failure.Message));
        }
        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        await AnswerAsync(context, StatusCodes.Status401Unauthorized, failure?.Message ?? "an API key is needed; set FACTORY_API_KEY (Authorization: Bearer KEY).");
    }

    private static string Forbid(Caller caller, AuthorizationPolicy policy)
    {
        RolesAuthorizationRequirement? role = policy.Requirements.OfType<RolesAuthorizationRequirement>().SingleOrDefault();
        if (caller.Projects is { } projects && role?.AllowedRoles.Any(allowed => caller.Roles.Any(own => own.ToString() == allowed)) == true)
        {
            return $"this is of the whole factory; {caller} sees {(projects.Count == 0 ? "no project" : $"the projects {string.Join(", ", projects)}")} only.";
        }
        string[] roles = [.. policy.Requirements.OfType<RolesAuthorizationRequirement>().SelectMany(requirement => requirement.AllowedRoles).Select(Word)];
        string needed = roles.Length == 0 ? "no role may do this" : $"this needs the role {string.Join(" or ", roles)}";
        return $"{needed}; {caller} is {string.Join(" and ", caller.Roles.Select(role => Word(role.ToString())).DefaultIfEmpty("nothing here"))}.";
    }

    private static string Word(string role) => role.ToLowerInvariant();

    private async Task AnswerAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        await problems.WriteAsync(new() { HttpContext = context, ProblemDetails = { Status = status, Detail = detail } });
    }
}
