using System.Security.Claims;
using Factory.Contracts.Api;

namespace Factory.Coordinator.Access;

/// <summary>Whose tokens (OpenID Connect, JWT) a coordinator takes, and which roles they give.</summary>
public sealed class OidcOptions
{
    private const string AllProjects = "*";

    /// <summary>The identity provider, whose keys are at <c>/.well-known/openid-configuration</c> below it; <c>https</c>, or <c>http</c> on loopback. Unset: no tokens are taken.</summary>
    public string? Authority { get; set; }

    /// <summary>The audience (<c>aud</c>) that tokens for this factory carry. Needed with <see cref="Authority"/>.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that says which roles the bearer has: a text, or several. Default <c>roles</c>.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Which role each value of <see cref="RoleClaim"/> gives; other values give none. Empty (default): the values are the names of our roles.</summary>
    public IDictionary<string, ApiRole> Roles { get; } = new Dictionary<string, ApiRole>(StringComparer.Ordinal);

    /// <summary>The claim that names the bearer in the audit log, beside the subject. Default <c>preferred_username</c>.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The claim that names the projects the bearer sees: a text, or several; <c>*</c> is all. Without it a bearer sees none. Unset (default): bearers see all projects.</summary>
    public string? ProjectClaim { get; set; }

    /// <summary>Whether tokens are taken.</summary>
    internal bool IsOn => !string.IsNullOrEmpty(Authority);

    /// <summary>What cannot work, a line each.</summary>
    internal IEnumerable<string> Mistakes()
    {
        if (!IsOn) yield break;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out Uri? authority) || !(authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
        {
            yield return $"Api:Oidc:Authority: '{Authority}' must begin with https:// (http:// on loopback only).";
        }
        if (string.IsNullOrEmpty(Audience)) yield return "Api:Oidc:Audience must be set with Api:Oidc:Authority, or tokens for other services would be taken.";
        if (string.IsNullOrEmpty(RoleClaim)) yield return "Api:Oidc:RoleClaim must not be empty.";
    }

    /// <summary>The projects that a bearer sees; null: all.</summary>
    internal IReadOnlyList<string>? ProjectsOf(ClaimsPrincipal bearer)
    {
        if (string.IsNullOrEmpty(ProjectClaim)) return null;
        string[] named = [.. bearer.FindAll(ProjectClaim).Select(claim => claim.Value)];
        return named.Contains(AllProjects) ? null : named;
    }

    /// <summary>The role that a value of the claim gives; null: none.</summary>
    internal ApiRole? RoleOf(string value)
    {
        if (Roles.Count > 0) return Roles.TryGetValue(value, out ApiRole mapped) ? mapped : null;
        return Enum.GetValues<ApiRole>().Where(role => string.Equals(role.ToString(), value, StringComparison.OrdinalIgnoreCase)).Cast<ApiRole?>().FirstOrDefault();
    }
}
