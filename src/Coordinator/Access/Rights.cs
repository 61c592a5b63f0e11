using Factory.Contracts.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;

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

    /// <summary>To have workers work: submit and steer runs, make samples again.</summary>
    public const string Run = nameof(Run);

    /// <summary>To examine the deployment, which is of all projects.</summary>
    public const string Examine = nameof(Examine);

    /// <summary>To bring data in: blobs, collections, checkpoints.</summary>
    public const string Curate = nameof(Curate);

    /// <summary>To see whose data went where.</summary>
    public const string Oversee = nameof(Oversee);

    /// <summary>To see who did what, in all projects.</summary>
    public const string Audit = nameof(Audit);

    /// <summary>To make and revoke keys, and projects with their quotas.</summary>
    public const string Administer = nameof(Administer);

    /// <summary>The roles that have each right.</summary>
    public static IReadOnlyDictionary<string, ApiRole[]> Holders { get; } = new Dictionary<string, ApiRole[]>
    {
        [Greet] = Enum.GetValues<ApiRole>(),
        [Watch] = Enum.GetValues<ApiRole>(),
        [Read] = [ApiRole.Viewer, ApiRole.Operator, ApiRole.Steward, ApiRole.Admin],
        [Run] = [ApiRole.Operator, ApiRole.Admin],
        [Examine] = [ApiRole.Operator, ApiRole.Admin],
        [Curate] = [ApiRole.Steward, ApiRole.Admin],
        [Oversee] = [ApiRole.Steward, ApiRole.Admin],
        [Audit] = [ApiRole.Steward, ApiRole.Admin],
        [Administer] = [ApiRole.Admin],
    };

    /// <summary>Rights over the whole factory, which nobody has who is confined to projects.</summary>
    public static IReadOnlySet<string> OfAllProjects { get; } = new HashSet<string> { Examine, Audit, Administer };

    /// <summary>Makes a policy of each right, and denies what asks for none.</summary>
    public static void AddTo(AuthorizationOptions options)
    {
        foreach ((string right, ApiRole[] roles) in Holders)
        {
            options.AddPolicy(right, policy =>
            {
                policy.RequireRole(roles.Select(role => role.ToString()));
                if (OfAllProjects.Contains(right)) policy.AddRequirements(new UnconfinedRequirement());
            });
        }
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build();
    }
}

/// <summary>Asks for a caller who sees all projects.</summary>
internal sealed class UnconfinedRequirement() : AssertionRequirement(context => !Caller.IsConfined(context.User));
