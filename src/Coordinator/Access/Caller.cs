using System.Security.Claims;
using Factory.Contracts.Api;

namespace Factory.Coordinator.Access;

/// <summary>Who makes a request, as the audit log names them.</summary>
/// <param name="Id">The public part of a key, <c>oidc:</c> and the subject of a token, <c>configured</c>, or <c>loopback</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Projects">Names of the projects it sees; empty: none; null: all.</param>
internal sealed record Caller(string Id, string Name, IReadOnlyList<ApiRole> Roles, IReadOnlyList<string>? Projects = null)
{
    private const string ConfinedClaim = "factory:confined";
    private const string ProjectClaim = "factory:project";

    /// <summary>Somebody on the coordinator's own machine, where no key is asked for.</summary>
    public static Caller Loopback { get; } = new("loopback", "loopback", [ApiRole.Admin]);

    /// <summary>Who shows the key of the settings.</summary>
    public static Caller Configured { get; } = new("configured", "configured", [ApiRole.Admin]);

    /// <summary>The caller behind a principal that this coordinator made.</summary>
    public static Caller Of(ClaimsPrincipal principal) => new(
        principal.FindFirstValue(ClaimTypes.NameIdentifier)!, principal.Identity!.Name!, [.. principal.FindAll(ClaimTypes.Role).Select(role => Enum.Parse<ApiRole>(role.Value))],
        IsConfined(principal) ? [.. principal.FindAll(ProjectClaim).Select(project => project.Value)] : null);

    /// <summary>Whether a principal that this coordinator made sees some projects only.</summary>
    public static bool IsConfined(ClaimsPrincipal principal) => principal.HasClaim(ConfinedClaim, "");

    /// <summary>The principal that policies judge.</summary>
    public ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity(
        [
            new(ClaimTypes.NameIdentifier, Id), new(ClaimTypes.Name, Name), .. Roles.Select(role => new Claim(ClaimTypes.Role, role.ToString())),
            .. Projects is null ? [] : Projects.Select(project => new Claim(ProjectClaim, project)).Prepend(new(ConfinedClaim, "")),
        ],
        AccessHandler.SchemeName));

    /// <inheritdoc/>
    public override string ToString() => Id == Name ? Name : $"{Name} ({Id})";
}
