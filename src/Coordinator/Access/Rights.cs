using Factory.Contracts.Api;
using Microsoft.AspNetCore.Authorization;

namespace Factory.Coordinator.Access;

/// <summary>What endpoints ask of a caller, each a policy. What asks for nothing is closed to everybody.</summary>
internal static class Rights
{
    /// <summary>To be known at all.</summary>
    public const string Greet = nameof(Greet);

    /// <summary>To scrape figures: counts and times of the whole factory, without names. For every role, so that a scraper's key need be good for nothing else.</summary>
    public const string Watch = nameof(Watch);

    /// <summary>To look at collections, runs, checkpoints, samples and blobs.</summary>
    public const string Read = nameof(Read);

    /// <summary>To have workers work: submit and steer runs, make samples again, examine the deployment.</summary>
    public const string Run = nameof(Run);

    /// <summary>To bring data in: blobs, collections, checkpoints.</summary>
    public const string Curate = nameof(Curate);

    /// <summary>To see whose data went where and who did what.</summary>
    public const string Oversee = nameof(Oversee);

    /// <summary>To make and revoke keys.</summary>
    public const string Administer = nameof(Administer);

    /// <summary>The roles that have each right.</summary>
    public static IReadOnlyDictionary<string, ApiRole[]> Holders { get; } = new Dictionary<string, ApiRole[]>
    {
        [Greet] = Enum.GetValues<ApiRole>(),
        [Watch] = Enum.GetValues<ApiRole>(),
        [Read] = [ApiRole.Viewer, ApiRole.Operator, ApiRole.Steward, ApiRole.Admin],
        [Run] = [ApiRole.Operator, ApiRole.Admin],
        [Curate] = [ApiRole.Steward, ApiRole.Admin],
        [Oversee] = [ApiRole.Steward, ApiRole.Admin],
        [Administer] = [ApiRole.Admin],
    };

    /// <summary>Makes a policy of each right, and denies what asks for none.</summary>
    public static void AddTo(AuthorizationOptions options)
    {
        foreach ((string right, ApiRole[] roles) in Holders) options.AddPolicy(right, policy => policy.RequireRole(roles.Select(role => role.ToString())));
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build();
    }
}
