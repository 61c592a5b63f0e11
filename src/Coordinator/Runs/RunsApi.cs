using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs;

/// <summary>HTTP endpoints of runs and recipes.</summary>
internal static class RunsApi
{
    private const int RecipeBytesLimit = 1 << 20, RunsListed = 100;

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Runs, (int? before, int? limit, FactoryDbContext database, RunSnapshots snapshots, CancellationToken cancellationToken) => snapshots.ListAsync(database.VisibleProjects, before, limit ?? RunsListed, cancellationToken)).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.Run, (int id, FactoryDbContext database, RunSnapshots snapshots, CancellationToken cancellationToken) => snapshots.TakeAsync(database.VisibleProjects, id, cancellationToken)).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.RunSnapshots, StreamAsync).RequireAuthorization(Rights.Read);
        routes.MapPost(Routes.Runs, async (HttpRequest request, string? file, RunPriority? priority, RunSubmission submission, CancellationToken cancellationToken) =>
        {
            Run run = await submission.SubmitAsync(await BodyAsync(request, cancellationToken), file ?? "recipe.yaml", cancellationToken, priority ?? RunPriority.Bulk);
            return Results.Created($"{Routes.Runs}/{run.Id}", RunSnapshots.Summarize(run));
        }).RequireAuthorization(Rights.Run).Audited("run.submit");
        routes.MapPost(Routes.RecipePlan, async (HttpRequest request, string? file, RunSubmission submission, CancellationToken cancellationToken) =>
            await submission.PlanAsync(await BodyAsync(request, cancellationToken), file ?? "recipe.yaml", cancellationToken)).RequireAuthorization(Rights.Read);
        routes.MapPost(Routes.RunCancel, (int id, RunControl control, CancellationToken cancellationToken) => control.CancelAsync(id, cancellationToken)).RequireAuthorization(Rights.Run).Audited("run.cancel");
        routes.MapPost(Routes.RunRetry, (int id, RunControl control, CancellationToken cancellationToken) => control.RetryAsync(id, cancellationToken)).RequireAuthorization(Rights.Run).Audited("run.retry");
    }

    private static async Task StreamAsync(int id, HttpResponse response, FactoryDbContext database, RunSnapshots snapshots, CancellationToken cancellationToken)
    {
        await foreach (RunSnapshot snapshot in snapshots.WatchAsync(database.VisibleProjects, id, cancellationToken))
        {
            response.ContentType ??= "application/x-ndjson";
            await System.Text.Json.JsonSerializer.SerializeAsync(response.Body, snapshot, Contracts.ContractJson.Options, cancellationToken);
            await response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }

    private static async Task<string> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[RecipeBytesLimit + 1];
        int read = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (read > RecipeBytesLimit) throw new RefusedException(StatusCodes.Status413PayloadTooLarge, "the recipe is larger than 1 MiB.");
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read);
    }
}
