using System.Text.Json;
using TorchSharp;

namespace Factory.Synthesis.Tests.Published;

/// <summary>What tests/fixtures/checkpoints/make_fixtures.py wrote with PyTorch.</summary>
internal static class Fixtures
{
    internal static string PathOf(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Factory.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("The repository's root is not above the tests."), "tests", "fixtures", "checkpoints", name);
    }

    internal static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>Compares a network's answer with PyTorch's: mean, deviation and first numbers.</summary>
    internal static void ShouldAnswer(this torch.Tensor answer, string name, double tolerance)
    {
        using var document = JsonDocument.Parse(Bytes("expected.json"));
        var expected = document.RootElement.GetProperty(name);
        var values = answer.detach().to(torch.ScalarType.Float64).contiguous().data<double>().ToArray();
        var mean = values.Average();
        mean.ShouldBe(expected.GetProperty("mean").GetDouble(), tolerance);
        Math.Sqrt(values.Average(v => (v - mean) * (v - mean))).ShouldBe(expected.GetProperty("std").GetDouble(), tolerance);
        foreach (var (value, i) in expected.GetProperty("first").EnumerateArray().Select((v, i) => (v.GetDouble(), i)))
            values[i].ShouldBe(value, tolerance);
    }
}
