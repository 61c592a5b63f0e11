using static TorchSharp.torch;
using var scope = NewDisposeScope();
Console.WriteLine(nn.functional.relu(randn(3)).sum().item<float>() >= 0);
try { _ = arange(3) + arange(4); } catch (Exception e) { Console.WriteLine(e.GetType().Name); }
