using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Access;

/// <summary>Who may use the API: authentication by keys and tokens, limits, authorization by roles.</summary>
internal static partial class ApiAccess
{
    /// <summary>Adds what judges requests.</summary>
    public static void AddApiAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ApiOptions>().Bind(configuration.GetSection(ApiOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddAuthentication(AccessHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, AccessHandler>(AccessHandler.SchemeName, null).AddJwtBearer();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, Tokens>().AddSingleton<Tokens>();
        services.AddAuthorization(Rights.AddTo);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>();
        // Failures are counted in the audit log; a line for each would let strangers fill the disk.
        services.AddLogging(logging => logging.AddFilter(typeof(AccessHandler).FullName, LogLevel.Warning).AddFilter(typeof(JwtBearerHandler).FullName, LogLevel.Warning));
        services.AddScoped<KeyRing>();
        services.AddSingleton<FailureLimit>();
        services.AddRateLimiter(_ => { });
        services.AddSingleton<IConfigureOptions<RateLimiterOptions>, RequestLimit>();
    }

    /// <summary>Judges requests before they reach their endpoints, and says at start where nobody is asked for a key.</summary>
    public static void UseApiAccess(this WebApplication host)
    {
        host.UseAuthentication();
        host.UseRateLimiter();
        host.UseAuthorization();
        if (host.Services.GetRequiredService<IOptions<ApiOptions>>().Value.IsOpen) host.Lifetime.ApplicationStarted.Register(() => LogOpen(host.Logger));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The API is open, on loopback only: no Api:Key is set, and whoever is on this machine may do everything.")]
    private static partial void LogOpen(ILogger logger);
}
