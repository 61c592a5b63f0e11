using Factory.Synthesis.Networks;
using Factory.Synthesis.Published;
using Factory.Synthesis.Tests.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Published;

public sealed class PublishedTwoStreamTests
{
    [Theory]
    [InlineData(false, "mm_cnn")]
    [InlineData(true, "mm_cnn_bgr")]
    public void TwoStream_AnswersAsInPyTorch(bool bgr, string answer)
    {
        using var scope = torch.NewDisposeScope();
        using var file = WeightFile.Open(Fixtures.PathOf("mm_cnn.pth"));
        var (weights, checkpoint) = Import(file, bgr);
        using var owned = checkpoint;
        (weights.Kind, weights.Name, weights.Categories).ShouldBe(("two-stream", "two-stream-resnet18-w1-s32", 4));
        using var guard = torch.no_grad();
        var input = torch.cat([GoldenWeights.Input(64), GoldenWeights.Input(64).flip([3])], 1);
        checkpoint.Network.call(input).ShouldAnswer(answer, 1e-5);
    }

    [Fact]
    public void TwoStream_WhoseStreamsTellOtherCategoriesApart_AnswersTheSame()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using (var file = WeightFile.Open(Fixtures.PathOf("mm_cnn.pth")))
            using (var stream = File.Create(path))
            {
                // As left by ImageNet in one stream, and taken away in the other.
                SafeTensors.Write(stream, file.Entries.Keys.Where(key => !key.StartsWith("model2.fc.", StringComparison.Ordinal)).Select(key => new NamedTensor(key, key switch
                {
                    "model1.fc.weight" => torch.ones(1000, 8),
                    "model1.fc.bias" => torch.ones(1000),
                    _ => file.Read(key),
                })), new Dictionary<string, string>());
            }

            using var changed = WeightFile.Open(path);
            var (weights, checkpoint) = Import(changed, bgr: false);
            using var owned = checkpoint;
            weights.Changes.ShouldHaveSingleItem().ShouldContain("4 weights that decide nothing were set to 0: model1.fc.weight");
            using var guard = torch.no_grad();
            checkpoint.Network.call(torch.cat([GoldenWeights.Input(64), GoldenWeights.Input(64).flip([3])], 1)).ShouldAnswer("mm_cnn", 1e-5);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static (PublishedWeights Weights, ClassifierCheckpoint Checkpoint) Import(WeightFile file, bool bgr)
    {
        var weights = PublishedWeights.Recognize(file);
        using var written = new MemoryStream();
        weights.Write(written, new PublishedOptions { CategoryNames = ["Normal", "DryAmd", "Pcv", "WetAmd"], Background = 0, Size = 64, Bgr = bgr, Origin = new('a', 64) });
        return (weights, ClassifierCheckpoint.Load(written.ToArray()));
    }
}
