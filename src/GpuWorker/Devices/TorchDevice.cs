using System.Collections.Concurrent;
using System.Globalization;
using Factory.Contracts.Recipes;
using Factory.GpuWorker.Attempts;
using Factory.Synthesis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.GpuWorker.Devices;

/// <summary>The worker's device, and the one thread on which all torch work runs: TorchSharp's dispose scopes belong to a thread, and one operation at a time keeps a device busy.</summary>
public sealed partial class TorchDevice : IDisposable
{
    // Torch takes the number of interop threads once a process, before its first use of them.
    private static int _interopPinned;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private volatile int _threads;

    /// <summary>Chooses the device and says which.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="logger">Where it is said.</param>
    /// <exception cref="PermanentWorkException">The device asked for is not there.</exception>
    public TorchDevice(IOptions<DeviceOptions> options, ILogger<TorchDevice> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThreadWaiting.MakePassive();
        Device = Choose(options.Value.Name);
        LogChosen(logger, Name, options.Value.Name);
        _thread = new(Loop) { IsBackground = true, Name = "torch" };
        _thread.Start();
    }

    /// <summary>The device.</summary>
    public Device Device { get; }

    /// <summary>The kind of device, as recipes and runs write it: <c>cpu</c> or <c>cuda</c>.</summary>
    public string Kind => Device.type == DeviceType.CUDA ? "cuda" : "cpu";

    /// <summary>The device in words, such as <c>cuda:0</c>.</summary>
    public string Name => Device.type == DeviceType.CUDA ? string.Create(CultureInfo.InvariantCulture, $"cuda:{Math.Max(0, Device.index)}") : "cpu";

    /// <summary>Threads of one torch operation, as the last computation had them; null before the first.</summary>
    public int? Threads => _threads == 0 ? null : _threads;

    /// <summary>Runs a computation on the torch thread, after those asked for before.</summary>
    /// <param name="numerics">What the run pinned; the thread count is set for the computation.</param>
    /// <param name="compute">The computation; tensors it leaves alive are its own to dispose.</param>
    /// <param name="cancellationToken">Cancels the wait; a computation that has begun looks at its own token.</param>
    /// <exception cref="PermanentWorkException">The run was pinned to another kind of device or data type.</exception>
    public Task<T> RunAsync<T>(Numerics numerics, Func<T> compute, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(numerics);
        ArgumentNullException.ThrowIfNull(compute);
        if (numerics.Device != Kind) throw new PermanentWorkException($"the run is pinned to {numerics.Device}, this worker computes on {Name}; start a worker with --device {numerics.Device}, or submit the recipe with numerics.device: {Kind}.");
        if (numerics.DataType != "float32") throw new PermanentWorkException($"the run is pinned to {numerics.DataType}, this worker computes in float32.");
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => Execute(numerics.Threads, compute, done, cancellationToken), cancellationToken);
        return done.Task;
    }

    /// <summary>Ends the torch thread after the work it has begun.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Execute<T>(int threads, Func<T> compute, TaskCompletionSource<T> done, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            done.SetCanceled(cancellationToken);
            return;
        }
        try
        {
            if (_threads != threads) set_num_threads(_threads = threads);
            done.SetResult(compute());
        }
        catch (OperationCanceledException)
        {
            done.SetCanceled(cancellationToken);
        }
        // Whatever it is belongs to whoever asked for the computation.
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }

    private void Loop()
    {
        foreach (Action work in _work.GetConsumingEnumerable()) work();
    }

    private static Device Choose(string name)
    {
        InitializeDeviceType(DeviceType.CPU);
        if (Interlocked.Exchange(ref _interopPinned, 1) == 0) set_num_interop_threads(1);
        if (name == "cpu" || (name == "auto" && !cuda.is_available())) return CPU;
        int index = name.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(name.AsSpan(5), CultureInfo.InvariantCulture) : 0;
        if (!cuda.is_available()) throw new PermanentWorkException($"device {name} was asked for, but torch finds no CUDA device; build with -p:TorchBackend=cuda on a machine that has one, or use cpu.");
        return index < cuda.device_count()
            ? torch.device(DeviceType.CUDA, index)
            : throw new PermanentWorkException($"device {name} was asked for, but there are only {cuda.device_count()} CUDA devices, counted from 0.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Computing on {Device} (asked for: {Asked})")]
    private static partial void LogChosen(ILogger logger, string device, string asked);
}
