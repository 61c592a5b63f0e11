using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Cams;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Evaluation;
using Factory.GpuWorker.Generation;
using Factory.GpuWorker.Reports;
using Factory.GpuWorker.Training;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
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
    /// <param name="configuration">Read for <see cref="DeviceOptions.Section"/> and <see cref="ScratchOptions.Section"/>.</param>
    public static IServiceCollection AddGpuWorker(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<DeviceOptions>().Bind(configuration.GetSection(DeviceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ScratchOptions>().Bind(configuration.GetSection(ScratchOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<TorchDevice>().AddSingleton<AttemptRunner>().AddSingleton<LoadedCheckpoints>()
            .AddSingleton<ScratchFiles>().AddSingleton<ImageCache>().AddSingleton<DatasetReader>().AddSingleton<CamStore>().AddHostedService<WorkerDrain>();
    }

    /// <summary>Adds the object store of a worker whose blobs are in a bucket: what it reads is kept on its own disk.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="S3Options.Section"/> and <see cref="DiskCacheOptions.Section"/>.</param>
    public static IServiceCollection AddCachedS3Objects(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddS3Objects(configuration);
        services.AddOptions<DiskCacheOptions>().Bind(configuration.GetSection(DiskCacheOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<IObjectStore>(provider => new DiskCachedObjects(
            provider.GetRequiredService<S3ObjectStore>(), provider.GetRequiredService<IOptions<DiskCacheOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Adds the worker's consumers to the bus.</summary>
    /// <param name="bus">The bus being configured.</param>
    public static void AddGpuWorkerConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<TrainClassifierSegmentConsumer, WorkDefinition<TrainClassifierSegmentConsumer>>();
        bus.AddConsumer<ComputeCamBlockConsumer, WorkDefinition<ComputeCamBlockConsumer>>();
        bus.AddConsumer<TrainGeneratorSegmentConsumer, WorkDefinition<TrainGeneratorSegmentConsumer>>();
        bus.AddConsumer<GenerateShardConsumer, WorkDefinition<GenerateShardConsumer>>();
        bus.AddConsumer<RenderContactSheetConsumer, WorkDefinition<RenderContactSheetConsumer>>();
        bus.AddConsumer<EvaluateModelsConsumer, WorkDefinition<EvaluateModelsConsumer>>();
        bus.AddConsumer<RenderReportConsumer, WorkDefinition<RenderReportConsumer>>();
        bus.AddConsumer<RegenerateSampleConsumer, WorkDefinition<RegenerateSampleConsumer>>();
        bus.AddConsumer<RunCanceledConsumer, RunCanceledDefinition>();
    }
}
