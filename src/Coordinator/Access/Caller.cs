using System.Security.Claims;
using Factory.Contracts.Api;

namespace Factory.Coordinator.Access;

/// <summary>Who makes a request, as the audit log names them.</summary>
/// <param name="Id">The public part of a key, <c>oidc:</c> and the subject of a token, <c>configured</c>, or <c>loopback</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Roles">What it may do.</param>
internal sealed record Caller(string Id, string Name, IReadOnlyList<ApiRole> Roles)
{
    /// <summary>Somebody on the coordinator's own machine, where no key is asked for.</summary>
    public static Caller Loopback { get; } = new("loopback", "loopback", [ApiRole.Admin]);

    /// <summary>Who shows the key of the settings.</summary>
    public static Caller Configured { get; } = new("configured", "configured", [ApiRole.Admin]);

    /// <summary>The caller behind a principal that this coordinator made.</summary>
    public static Caller Of(ClaimsPrincipal principal) => new(
        principal.FindFirstValue(ClaimTypes.NameIdentifier)!, principal.Identity!.Name!, [.. principal.FindAll(ClaimTypes.Role).Select(role => Enum.Parse<ApiRole>(role.Value))]);

    /// <summary>The principal that policies judge.</summary>
    public ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, Id), new(ClaimTypes.Name, Name), .. Roles.Select(role => new Claim(ClaimTypes.Role, role.ToString()))], AccessHandler.SchemeName));

    /// <inheritdoc/>
    public override string ToString() => Id == Name ? Name : $"{Name} ({Id})";
}
