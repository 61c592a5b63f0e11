using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Cams;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Evaluation;
using Factory.GpuWorker.Generation;
using Factory.GpuWorker.Presence;
using Factory.GpuWorker.Quality;
using Factory.GpuWorker.Reports;
using Factory.GpuWorker.Telemetry;
using Factory.GpuWorker.Training;
using Factory.Hosting.Transport;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker;

/// <summary>What a host adds to become a worker. The host brings the object store and the bus's transport.</summary>
public static class GpuWorkerServices
{
    /// <summary>Adds the worker's services. To be called after the bus is added, so that the worker gives its attempt back before the bus stops.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="DeviceOptions.Section"/>, <see cref="ScratchOptions.Section"/> and <see cref="PresenceOptions.Section"/>.</param>
    public static IServiceCollection AddGpuWorker(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<DeviceOptions>().Bind(configuration.GetSection(DeviceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ScratchOptions>().Bind(configuration.GetSection(ScratchOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PresenceOptions>().Bind(configuration.GetSection(PresenceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<TorchDevice>().AddSingleton<WorkerMeter>().AddSingleton<AttemptRunner>().AddSingleton<LoadedCheckpoints>()
            .AddSingleton<ScratchFiles>().AddSingleton<ImageCache>().AddSingleton<DatasetReader>().AddSingleton<CamStore>()
            .AddSingleton<TrainingReferences>().AddSingleton<ShardWorkshop>().AddSingleton<CorpusDraw>()
            .AddHostedService<WorkerPresence>().AddHostedService<WorkerDrain>();
    }

    /// <summary>Adds the worker's consumers to the bus; the host gives <see cref="ConfigureWorkEndpoints"/> to its bus as well.</summary>
    /// <param name="bus">The bus being configured.</param>
    public static void AddGpuWorkerConsumers(this IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        foreach (Type consumer in Consumers.Values) bus.AddConsumer(consumer).ExcludeFromConfigureEndpoints();
        bus.AddConsumer<RunCanceledConsumer, OwnEndpointDefinition<RunCanceledConsumer>>();
    }

    /// <summary>Takes invitations from the queues of this worker's kind of device, one at a time from each.</summary>
    /// <param name="context">The bus being built.</param>
    /// <param name="transport">Its transport.</param>
    public static void ConfigureWorkEndpoints(IBusRegistrationContext context, IReceiveConfigurator transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        TransportOptions options = context.GetRequiredService<IOptions<TransportOptions>>().Value;
        foreach ((string queue, Type message) in WorkQueues.Of(context.GetRequiredService<TorchDevice>().Kind))
        {
            transport.ReceiveEndpoint(queue, endpoint =>
            {
                endpoint.AsWorkQueue(options);
                endpoint.ConfigureConsumer(context, Consumers[message]);
            });
        }
    }

    private static readonly Dictionary<Type, Type> Consumers = new()
    {
        [typeof(TrainClassifierSegment)] = typeof(TrainClassifierSegmentConsumer),
        [typeof(TrainReplicaSegment)] = typeof(TrainReplicaSegmentConsumer),
        [typeof(AverageCheckpoints)] = typeof(AverageCheckpointsConsumer),
        [typeof(ComputeCamBlock)] = typeof(ComputeCamBlockConsumer),
        [typeof(TrainGeneratorSegment)] = typeof(TrainGeneratorSegmentConsumer),
        [typeof(TrainLabelGeneratorSegment)] = typeof(TrainLabelGeneratorSegmentConsumer),
        [typeof(GenerateShard)] = typeof(GenerateShardConsumer),
        [typeof(MeasureCorpus)] = typeof(MeasureCorpusConsumer),
        [typeof(RenderContactSheet)] = typeof(RenderContactSheetConsumer),
        [typeof(EvaluateModels)] = typeof(EvaluateModelsConsumer),
        [typeof(RenderReport)] = typeof(RenderReportConsumer),
        [typeof(RegenerateSample)] = typeof(RegenerateSampleConsumer),
    };
}
