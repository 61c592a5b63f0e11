using System.Net;
using System.Security.Cryptography;
using System.Text;
using Factory.Contracts.Api;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Access;

/// <summary>Lets a request in when it shows the key; where no key is set, when it comes from this machine.</summary>
internal sealed class ApiKeyGate(RequestDelegate next, IOptions<ApiOptions> options)
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? _key = string.IsNullOrEmpty(options.Value.Key) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Key));

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path == Routes.Health || context.Request.Path == Routes.Ready || MayPass(context))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = _key is null ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
        string detail = _key is null
            ? "this coordinator has no Api:Key set and answers its own machine only."
            : "the API key is missing or wrong; set FACTORY_API_KEY (Authorization: Bearer KEY).";
        await context.Response.WriteAsJsonAsync(new Microsoft.AspNetCore.Mvc.ProblemDetails { Status = context.Response.StatusCode, Detail = detail }, options: null, "application/problem+json");
    }

    private bool MayPass(HttpContext context)
    {
        // Asked of the connection, not of settings: whatever made the server listen elsewhere, strangers stay out.
        if (_key is null) return context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote);
        string shown = context.Request.Headers.Authorization.ToString();
        return shown.StartsWith(Scheme, StringComparison.Ordinal)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown[Scheme.Length..])), _key);
    }
}
