using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>A tensor under its state-dict key.</summary>
/// <param name="Name">The key, such as <c>layer1.0.conv1.weight</c>.</param>
/// <param name="Tensor">The tensor; whoever made it disposes it, this record does not.</param>
public sealed record NamedTensor(string Name, Tensor Tensor);
