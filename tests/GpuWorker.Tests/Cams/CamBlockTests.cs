using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.Synthesis.Cams;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.GpuWorker.Tests.Cams;

[Collection(typeof(TinyCorpusCollection))]
public sealed class CamBlockTests(TinyCorpus corpus)
{
    private CamStore Store => corpus.Worker.Services.GetRequiredService<CamStore>();

    [Fact]
    public async Task CamOfAnImage_IsTheSameInAnyBlock()
    {
        ObjectRef[] reversed = [.. corpus.Images.Select(image => image.Image).Reverse()];
        CamBlockComputed block = await corpus.Worker.DoAsync<CamBlockComputed>(
            new ComputeCamBlock { Order = corpus.Worker.Order(), Classifier = corpus.Classifier, Images = reversed });

        for (int source = 0; source < corpus.Sources.Count; source++)
        {
            Cam cam = Load(corpus.Sources[source]);
            (cam.K, cam.Height, cam.Width).ShouldBe((4, 8, 8));
            Load(corpus.Sources[source] with { Block = block.Artifact, Row = reversed.Length - 1 - source }).Values.ShouldBe(cam.Values);
        }
    }

    [Fact]
    public void RowBeyondTheBlock_IsRefused() =>
        Should.Throw<PermanentWorkException>(() => Load(corpus.Sources[0] with { Row = 99 })).Message.ShouldContain("99");

    private Cam Load(CamSource source) => Store.Load(source, new(TinyCorpus.Categories, corpus.Classifier, null));
}
