using Factory.Contracts.Work;
using MassTransit;

namespace Factory.GpuWorker.Attempts;

/// <summary>Drops what this worker does for a canceled run.</summary>
internal sealed class RunCanceledConsumer(AttemptRunner runner) : IConsumer<RunCanceled>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RunCanceled> context)
    {
        runner.Cancel(context.Message.RunId);
        return Task.CompletedTask;
    }
}

/// <summary>Every worker hears of a canceled run: the endpoint is its own and goes with it.</summary>
internal sealed class RunCanceledDefinition : ConsumerDefinition<RunCanceledConsumer>
{
    /// <summary>Makes the definition.</summary>
    public RunCanceledDefinition() => Endpoint(endpoint =>
    {
        endpoint.InstanceId = $"-{Environment.MachineName}-{Environment.ProcessId}";
        endpoint.Temporary = true;
    });
}
