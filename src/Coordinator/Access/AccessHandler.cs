using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Access;

/// <summary>Says who makes a request: by the key of the settings, a key of the database, a token, or, where nothing is configured, by being on this machine.</summary>
internal sealed class AccessHandler(IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logs, UrlEncoder encoder, IOptions<ApiOptions> options, KeyRing keys, Tokens tokens, FailureLimit failures)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logs, encoder)
{
    /// <summary>Name of the authentication scheme.</summary>
    public const string SchemeName = "Factory";

    private const string Bearer = "Bearer ";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string shown = Request.Headers.Authorization.ToString();
        if (shown.Length == 0) return IsAtHome ? Success(Caller.Loopback) : AuthenticateResult.NoResult();
        if (failures.WaitOf(Context.Connection.RemoteIpAddress) is { } wait)
        {
            return Fail(new("too many false or outdated credentials came from this address; try again later.") { Wait = wait });
        }
        try
        {
            return Success(await RecognizeAsync(shown));
        }
        catch (AccessFailedException failure)
        {
            failures.Count(Context.Connection.RemoteIpAddress);
            return Fail(failure);
        }
    }

    // Asked of the connection, not of settings: whatever made the server listen elsewhere, strangers stay out.
    private bool IsAtHome => options.Value.IsOpen && (Context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote)) && IsOfNoOtherSite;

    // A browser on this machine may show pages of anybody: they say where they are from (Origin), or call this machine by a name of their own (Host).
    private bool IsOfNoOtherSite => IsHere($"http://{Request.Host}") && Request.Headers.Origin.All(IsHere);

    private static bool IsHere(string? address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.IsLoopback;

    private async Task<Caller> RecognizeAsync(string header)
    {
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) throw new AccessFailedException("the Authorization header is not of the form: Bearer KEY.");
        string shown = header[Bearer.Length..].Trim();
        if (IsConfiguredKey(shown)) return Caller.Configured;
        return options.Value.Oidc.IsOn && Tokens.IsToken(shown) ? await tokens.RecognizeAsync(Context) : await keys.RecognizeAsync(shown, Context.RequestAborted);
    }

    private bool IsConfiguredKey(string shown) => options.Value.Key is { Length: > 0 } key
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    // Left where the answer is written.
    private AuthenticateResult Fail(AccessFailedException failure)
    {
        Context.Features.Set(failure);
        return AuthenticateResult.Fail(failure);
    }

    private static AuthenticateResult Success(Caller caller) => AuthenticateResult.Success(new(caller.ToPrincipal(), SchemeName));
}
