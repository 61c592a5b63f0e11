using Factory.Synthesis.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>Moves an optimizer's state in and out by parameter name. TorchSharp keeps it exactly, but writes it in a format of its own.</summary>
internal static class OptimizerState
{
    internal static void SetLearningRate(OptimizerHelper optimizer, double rate)
    {
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = rate;
    }

    /// <summary>The momentum buffers there are: none before the first step.</summary>
    internal static IEnumerable<NamedTensor> Momentum(SGD optimizer, IEnumerable<(string, Parameter)> parameters) =>
        from entry in ByName<SGD.State>(optimizer, parameters)
        where entry.State.momentum_buffer is not null
        select new NamedTensor(entry.Name, entry.State.momentum_buffer);

    internal static void LoadMomentum(SGD optimizer, IEnumerable<(string, Parameter)> parameters, IReadOnlyDictionary<string, Tensor> buffers)
    {
        if (buffers.Count == 0)
            return;
        foreach (var (name, parameter, state) in ByName<SGD.State>(optimizer, parameters))
            state.momentum_buffer = Matching(buffers, name, parameter);
    }

    /// <summary>First and second moments of the parameters the optimizer was made with, under <c>first/</c> and <c>second/</c>.</summary>
    internal static IEnumerable<NamedTensor> Moments(Adam optimizer, IEnumerable<(string, Parameter)> parameters) =>
        ByName<Adam.State>(optimizer, parameters).SelectMany(entry => new[]
        {
            new NamedTensor("first/" + entry.Name, entry.State.exp_avg), new NamedTensor("second/" + entry.Name, entry.State.exp_avg_sq),
        });

    internal static void LoadMoments(Adam optimizer, IEnumerable<(string, Parameter)> parameters, IReadOnlyDictionary<string, Tensor> moments, int steps)
    {
        foreach (var (name, parameter, state) in ByName<Adam.State>(optimizer, parameters))
        {
            state.step = steps;
            state.exp_avg.Dispose();
            state.exp_avg = Matching(moments, "first/" + name, parameter);
            state.exp_avg_sq.Dispose();
            state.exp_avg_sq = Matching(moments, "second/" + name, parameter);
        }
    }

    private static IEnumerable<(string Name, Parameter Parameter, T State)> ByName<T>(OptimizerHelper optimizer, IEnumerable<(string Name, Parameter Parameter)> parameters)
        where T : TorchSharp.Modules.OptimizerState =>
        parameters.Zip(optimizer.state_dict().State, (p, s) => (p.Name, p.Parameter, (T)s));

    private static Tensor Matching(IReadOnlyDictionary<string, Tensor> tensors, string name, Tensor like)
    {
        if (!tensors.TryGetValue(name, out var tensor))
            throw new CheckpointException($"The checkpoint's optimizer state lacks '{name}'.");
        if (!tensor.shape.SequenceEqual(like.shape))
            throw new CheckpointException($"Optimizer state '{name}' has shape [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", like.shape)}].");
        return tensor.to(like.device, copy: true).DetachFromDisposeScope();
    }
}
