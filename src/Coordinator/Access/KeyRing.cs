using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Projects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Access;

/// <summary>The keys in the database. Each request looks its key up, so that a revoked one ends at once on every coordinator.</summary>
internal sealed partial class KeyRing(FactoryDbContext database, IDatabaseClock clock)
{
    private static readonly TimeSpan UseGrain = TimeSpan.FromHours(1);

    /// <summary>Makes a key; only its hash is kept.</summary>
    /// <exception cref="RefusedException">The name is none or taken, or the key would have ended already.</exception>
    public async Task<ApiKeyCreated> CreateAsync(NewApiKey wanted, Caller creator, CancellationToken cancellationToken)
    {
        if (!NamePattern().IsMatch(wanted.Name)) throw RefusedException.Invalid($"'{wanted.Name}' is not a key name: lower-case letters, digits, dots, dashes, underscores and @, at most {ApiKey.NameLength}.");
        if (!Enum.IsDefined(wanted.Role)) throw RefusedException.Invalid($"'{wanted.Role}' is no role.");
        DateTime? expiresAt = wanted.ExpiresAt?.ToUniversalTime();
        DateTime now = await clock.NowAsync(database, cancellationToken);
        if (expiresAt <= now) throw RefusedException.Invalid($"the key would have expired already, at {expiresAt:u}.");
        await RequireProjectsAsync(wanted, cancellationToken);
        (string publicId, string key) = KeyText.Draw();
        ApiKey row = new()
        {
            PublicId = publicId,
            KeyHash = HashOf(key),
            Name = wanted.Name,
            Role = wanted.Role,
            Projects = wanted.Projects,
            CreatedBy = creator.ToString(),
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };
        return await Collision.RepeatAsync(database, async () =>
        {
            if (await database.ApiKeys.AnyAsync(other => other.Name == wanted.Name && other.RevokedAt == null, cancellationToken))
            {
                throw RefusedException.Conflict($"a key named {wanted.Name} exists already; revoke it first, or choose another name.");
            }
            database.ApiKeys.Add(row);
            database.Audit?.Target = $"{Routes.Keys}/{publicId}";
            await database.SaveChangesAsync(cancellationToken);
            return new ApiKeyCreated { Detail = Describe(row), Key = key };
        });
    }

    /// <summary>All keys, the latest first.</summary>
    public async Task<List<ApiKeyDetail>> ListAsync(CancellationToken cancellationToken) =>
        (await database.ApiKeys.AsNoTracking().OrderByDescending(key => key.Id).ToListAsync(cancellationToken)).ConvertAll(Describe);

    /// <summary>Revokes a key.</summary>
    /// <exception cref="RefusedException">There is no such key.</exception>
    public async Task<ApiKeyDetail> RevokeAsync(string publicId, CancellationToken cancellationToken)
    {
        ApiKey key = await database.ApiKeys.SingleOrDefaultAsync(candidate => candidate.PublicId == publicId, cancellationToken)
            ?? throw RefusedException.Missing($"there is no key {KeyText.WithoutSecrets(publicId)}; factory key list has the ids.");
        key.RevokedAt ??= await clock.NowAsync(database, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        return Describe(key);
    }

    /// <summary>Whose key this is.</summary>
    /// <exception cref="AccessFailedException">It is nobody's, or not any more.</exception>
    public async Task<Caller> RecognizeAsync(string shown, CancellationToken cancellationToken)
    {
        ApiKey? key = KeyText.PublicIdOf(shown) is { } publicId
            ? await database.ApiKeys.AsNoTracking().SingleOrDefaultAsync(candidate => candidate.PublicId == publicId, cancellationToken)
            : null;
        if (key is null || !CryptographicOperations.FixedTimeEquals(Convert.FromHexString(HashOf(shown).Hex), Convert.FromHexString(key.KeyHash.Hex)))
        {
            throw new AccessFailedException("the API key is not one of this coordinator's; set FACTORY_API_KEY (Authorization: Bearer KEY).");
        }
        Caller caller = new(key.PublicId, key.Name, [key.Role], key.Projects);
        if (key.RevokedAt is { } revoked) throw new AccessFailedException($"the API key {caller} was revoked at {revoked:u}; ask an admin for another.", caller);
        DateTime now = await clock.NowAsync(database, cancellationToken);
        if (key.ExpiresAt <= now) throw new AccessFailedException($"the API key {caller} expired at {key.ExpiresAt:u}; ask an admin for another.", caller);
        if (key.LastUsedAt is not { } used || now - used >= UseGrain) await NoteUseAsync(key.Id, now, cancellationToken);
        return caller;
    }

    private async Task RequireProjectsAsync(NewApiKey wanted, CancellationToken cancellationToken)
    {
        if (wanted.Projects is not { } projects) return;
        if (projects.Count == 0) throw RefusedException.Invalid("name the projects that the key is confined to, or none of them for a key that sees all.");
        if (wanted.Role is ApiRole.Admin or ApiRole.Worker) throw RefusedException.Invalid($"the role {wanted.Role.ToString().ToLowerInvariant()} is of the whole factory; it cannot be confined to projects.");
        List<string> known = await database.Projects.Where(project => projects.Contains(project.Name)).Select(project => project.Name).ToListAsync(cancellationToken);
        if (projects.Except(known).FirstOrDefault() is { } missing) throw ProjectView.Missing(missing);
    }

    private Task NoteUseAsync(int id, DateTime now, CancellationToken cancellationToken) =>
        database.ApiKeys.Where(key => key.Id == id).ExecuteUpdateAsync(set => set.SetProperty(key => key.LastUsedAt, now), cancellationToken);

    private static Sha256Digest HashOf(string key) => Sha256Digest.Of(Encoding.UTF8.GetBytes(key));

    private static ApiKeyDetail Describe(ApiKey key) => new()
    {
        Id = key.PublicId,
        Name = key.Name,
        Role = key.Role,
        Projects = key.Projects,
        CreatedBy = key.CreatedBy,
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
        LastUsedAt = key.LastUsedAt,
    };

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._@-]{0,62}\z")]
    private static partial Regex NamePattern();
}
