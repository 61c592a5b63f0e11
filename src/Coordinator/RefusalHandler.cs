using Factory.Coordinator.Recipes;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Factory.Coordinator;

/// <summary>Answers refusals as ProblemDetails (RFC 9457). What is not a refusal is left to the framework: a plain 500.</summary>
internal sealed class RefusalHandler(IProblemDetailsService problems) : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        ProblemDetails? problem = Describe(exception);
        if (problem is null) return false;
        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new() { HttpContext = httpContext, ProblemDetails = problem, Exception = exception });
    }

    /// <summary>What an exception is answered with; null when it is no refusal.</summary>
    internal static ProblemDetails? Describe(Exception exception) => exception switch
    {
        RefusedException refused => new() { Status = refused.Status, Detail = refused.Message },
        RecipeInvalidException invalid => new()
        {
            Status = StatusCodes.Status400BadRequest,
            Detail = invalid.Message,
            Extensions = { ["errors"] = invalid.Errors.Select(error => error.ToString()).ToArray() },
        },
        ObjectStoreUnavailableException { InnerException: IOException or UnauthorizedAccessException } full => new() { Status = StatusCodes.Status507InsufficientStorage, Detail = full.Message },
        ObjectStoreUnavailableException or ObjectStoreRefusedException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = exception.Message },
        _ when DatabaseFaults.ExplainUnusable(exception) is { } unusable => new()
        {
            Status = DatabaseFaults.IsOfServer(exception) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status507InsufficientStorage,
            Detail = unusable,
        },
        BadHttpRequestException bad => new() { Status = bad.StatusCode, Detail = bad.Message },
        _ => null,
    };
}
