using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Factory.Coordinator.Access;

/// <summary>Tokens of the identity provider: signature, issuer, audience and time are checked by the framework's JWT bearer handler, by our clock.</summary>
internal sealed class Tokens(IOptions<ApiOptions> options, TimeProvider time) : IConfigureNamedOptions<JwtBearerOptions>
{
    private const int TokenParts = 3;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private OidcOptions Oidc => options.Value.Oidc;

    /// <summary>Whether a text has the form of a token.</summary>
    public static bool IsToken(string text) => text.Split('.').Length == TokenParts;

    /// <inheritdoc/>
    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    /// <inheritdoc/>
    public void Configure(string? name, JwtBearerOptions options)
    {
        options.Authority = Oidc.Authority;
        options.Audience = Oidc.Audience;
        options.MapInboundClaims = false;
        // A provider on this machine may be spoken to in the clear; any other may not name keys that are fetched so.
        options.RequireHttpsMetadata = Oidc.Authority?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ?? true;
        options.TokenValidationParameters.LifetimeValidator = (begins, ends, _, _) =>
        {
            DateTime now = time.GetUtcNow().UtcDateTime;
            return ends is { } end && now < end + Skew && (begins is not { } begin || now >= begin - Skew);
        };
    }

    /// <summary>Whose token a request shows.</summary>
    /// <exception cref="AccessFailedException">It is none of the provider's, not for us, or not valid now.</exception>
    public async Task<Caller> RecognizeAsync(HttpContext context)
    {
        AuthenticateResult result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        if (!result.Succeeded) throw new AccessFailedException(Explain(result.Failure));
        string subject = result.Principal.FindFirstValue("sub") ?? throw new AccessFailedException("the token names no subject (sub).");
        return new(
            "oidc:" + subject,
            result.Principal.FindFirstValue(Oidc.NameClaim) ?? subject,
            [.. result.Principal.FindAll(Oidc.RoleClaim).Select(claim => Oidc.RoleOf(claim.Value)).OfType<Factory.Contracts.Api.ApiRole>().Distinct()],
            Oidc.ProjectsOf(result.Principal));
    }

    private string Explain(Exception? failure) => failure switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException => "the token has expired, or is not valid yet; get a new one.",
        SecurityTokenInvalidAudienceException => $"the token is not for the audience {Oidc.Audience}; get one that is.",
        SecurityTokenInvalidIssuerException => $"the token was not issued by {Oidc.Authority}.",
        SecurityTokenInvalidSignatureException => $"the token is signed by no key of {Oidc.Authority}, or that cannot be reached.",
        _ => $"the token is not a valid one of {Oidc.Authority}.",
    };
}
