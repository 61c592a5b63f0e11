using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Factory.Coordinator.Access;

/// <summary>How many requests each caller may make, by configuration, and how one too many is answered.</summary>
internal sealed class RequestLimit(IOptions<ApiOptions> options) : IConfigureOptions<RateLimiterOptions>
{
    /// <inheritdoc/>
    public void Configure(RateLimiterOptions limiter)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
        limiter.OnRejected = async (rejected, _) => await AnswerAsync(
            rejected.HttpContext,
            $"{Caller.Of(rejected.HttpContext.User)} may make {options.Value.RequestsPerMinute} requests a minute; try again later.",
            rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait : TimeSpan.FromMinutes(1));
    }

    /// <summary>Answers 429 with a line and the wait.</summary>
    public static async Task AnswerAsync(HttpContext context, string detail, TimeSpan wait)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers[HeaderNames.RetryAfter] = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            new() { HttpContext = context, ProblemDetails = { Status = StatusCodes.Status429TooManyRequests, Detail = detail } });
    }

    private RateLimitPartition<string> PartitionOf(HttpContext context) => options.Value.RequestsPerMinute is { } requests && context.User.Identity is { IsAuthenticated: true }
        ? RateLimitPartition.GetFixedWindowLimiter(Caller.Of(context.User).Id, _ => new() { PermitLimit = requests, Window = TimeSpan.FromMinutes(1) })
        : RateLimitPartition.GetNoLimiter("");
}
