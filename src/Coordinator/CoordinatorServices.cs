using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Checkpoints;
using Factory.Coordinator.Collections;
using Factory.Coordinator.Doctor;
using Factory.Coordinator.Health;
using Factory.Coordinator.Objects;
using Factory.Coordinator.Projects;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Runs.Attempts;
using Factory.Coordinator.Runs.Steps;
using Factory.Coordinator.Samples;
using Factory.Coordinator.Telemetry;
using Factory.Coordinator.Workers;
using Factory.Hosting.Transport;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Factory.Coordinator;

/// <summary>What a host adds to become a coordinator. The host brings the database (<c>AddFactoryDatabase</c>), the object store and the bus's transport.</summary>
public static class CoordinatorServices
{
    // Of a request whose endpoint says nothing else.
    private const long BodyBytesLimit = 16L << 20;

    /// <summary>Adds the coordinator's services, without the dispatcher.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="RunOptions.Section"/> and <see cref="ApiOptions.Section"/>.</param>
    public static IServiceCollection AddCoordinator(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<RunOptions>().Bind(configuration.GetSection(RunOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.DefaultIgnoreCondition = ContractJson.Options.DefaultIgnoreCondition;
            foreach (var converter in ContractJson.Options.Converters) json.SerializerOptions.Converters.Add(converter);
        });
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Complete);
        // A request that cannot be read is a refusal like any other, with a line that says so.
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(server => server.Limits.MaxRequestBodySize = BodyBytesLimit);
        services.AddApiAccess(configuration);
        services.AddExceptionHandler<RefusalHandler>();
        services.AddSingleton<AuditLog>().AddSingleton<RunSignal>().AddSingleton<ProgressBoard>().AddSingleton<AttemptClaims>().AddSingleton<AttemptLedger>().AddSingleton<ItemCommit>().AddSingleton<SourceImages>()
            .AddSingleton<RunAdvance>().AddSingleton<RunSnapshots>().AddSingleton<WorkerRegistry>().AddSingleton<Readiness>().AddSingleton<CoordinatorMeter>()
            .AddSingleton<DeploymentChecks>();
        foreach (Type planner in Planners) services.AddSingleton(typeof(StepPlanner), planner);
        services.AddScoped<ProjectView>().AddScoped<RunSubmission>().AddScoped<RunControl>().AddScoped<CollectionRegistration>().AddScoped<Lineage>();
        return services;
    }

    /// <summary>Adds the dispatcher, the loop that plans runs and sends invitations. A coordinator without it only answers questions.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddDispatcher(this IServiceCollection services) => services.AddHostedService<Dispatcher>();

    /// <summary>Tells other coordinators on the same database of changes; for hosts that may not be alone.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddReplicaRelay(this IServiceCollection services) => services.AddHostedService<RunMovedRelay>();

    /// <summary>Adds the coordinator's consumers to the bus.</summary>
    /// <param name="bus">The bus being configured.</param>
    public static void AddCoordinatorConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<ClaimAttemptConsumer>();
        bus.AddConsumer<AttemptProgressedConsumer>();
        bus.AddConsumer<ProgressBoardConsumer, OwnEndpointDefinition<ProgressBoardConsumer>>();
        bus.AddConsumer<RunMovedConsumer, OwnEndpointDefinition<RunMovedConsumer>>();
        bus.AddConsumer<InvitationReturnedConsumer>();
        bus.AddConsumer<AttemptFailedConsumer>();
        bus.AddConsumer<ReturnAttemptConsumer>();
        bus.AddConsumer<SegmentTrainedConsumer>();
        bus.AddConsumer<CamBlockComputedConsumer>();
        bus.AddConsumer<ShardGeneratedConsumer>();
        bus.AddConsumer<ContactSheetRenderedConsumer>();
        bus.AddConsumer<CorpusMeasuredConsumer>();
        bus.AddConsumer<ModelsEvaluatedConsumer>();
        bus.AddConsumer<ReportRenderedConsumer>();
        bus.AddConsumer<WorkerSeenConsumer>();
    }

    /// <summary>Puts the coordinator's HTTP API into a host, with what judges requests and answers refusals, see <see cref="Routes"/>.</summary>
    /// <param name="host">The host.</param>
    public static void UseCoordinator(this WebApplication host)
    {
        ArgumentNullException.ThrowIfNull(host);
        host.UseExceptionHandler();
        host.UseStatusCodePages();
        host.UseApiAccess();
        host.UseMiddleware<AuditTrail>();
        host.UseMiddleware<ProjectScope>();
        host.MapHealth();
        host.MapMetrics();
        host.MapRuns();
        host.MapCollections();
        host.MapObjects();
        host.MapCheckpoints();
        host.MapSamples();
        host.MapLineage();
        host.MapWorkers();
        host.MapDoctor();
        host.MapKeys();
        host.MapProjects();
        host.MapAudit();
    }

    // The server cuts such a body off without a word.
    private static void Complete(ProblemDetailsContext context)
    {
        if (context.ProblemDetails.Status == StatusCodes.Status413PayloadTooLarge)
        {
            context.ProblemDetails.Detail ??= $"the body is larger than {context.HttpContext.Request.Method} {context.HttpContext.Request.Path} takes.";
        }
    }

    private static readonly Type[] Planners =
    [
        typeof(TrainClassifierPlanner), typeof(PretrainPlanner), typeof(FineTunePlanner), typeof(ComputeCamsPlanner), typeof(LesionMapsPlanner),
        typeof(TrainGeneratorPlanner), typeof(TrainLabelGeneratorPlanner), typeof(SynthesizePlanner), typeof(EvaluatePlanner), typeof(ReportPlanner),
    ];
}
