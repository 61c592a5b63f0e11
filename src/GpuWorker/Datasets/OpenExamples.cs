using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Datasets;

/// <summary>One side of a dataset, opened for a classifier: the images of one modality, or pairs of two.</summary>
internal sealed class OpenExamples : IDisposable
{
    private readonly OpenDataset[] _streams;

    private OpenExamples(ExampleSet? set, params OpenDataset[] streams) => (Set, _streams) = (set, streams);

    /// <summary>The examples; null where the side is empty.</summary>
    public ExampleSet? Set { get; }

    /// <summary>The examples of a side that must not be empty.</summary>
    /// <exception cref="PermanentWorkException">It is.</exception>
    public ExampleSet Required => Set ?? _streams[0].Required;

    /// <summary>Opens one side of a dataset.</summary>
    /// <param name="datasets">Reads it.</param>
    /// <param name="dataset">JSON lines of <see cref="DatasetEntry"/>.</param>
    /// <param name="split">The side.</param>
    /// <param name="pairing">How its two modalities are paired; null where it is of one.</param>
    /// <param name="size">As for <see cref="DatasetReader.OpenAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="PermanentWorkException">There are no pairs.</exception>
    public static async Task<OpenExamples> OpenAsync(
        DatasetReader datasets, ObjectRef dataset, Split split, Pairing? pairing, int? size, CancellationToken cancellationToken)
    {
        if (pairing is null)
        {
            OpenDataset images = await datasets.OpenAsync(dataset, split, size, cancellationToken);
            return new(images.Images, images);
        }
        OpenDataset cfp = await datasets.OpenAsync(dataset, split, size, cancellationToken, Modality.Cfp);
        OpenDataset? oct = null;
        try
        {
            oct = await datasets.OpenAsync(dataset, split, size, cancellationToken, Modality.Oct);
            return new(Pair(cfp, oct, pairing.Value), cfp, oct);
        }
        catch
        {
            cfp.Dispose();
            oct?.Dispose();
            throw;
        }
    }

    /// <summary>Opens one side of a classifier's training. What is trained on loose pairs is judged by strict ones.</summary>
    /// <param name="datasets">Reads it.</param>
    /// <param name="dataset">JSON lines of <see cref="DatasetEntry"/>.</param>
    /// <param name="split">The side.</param>
    /// <param name="training">How the classifier is trained.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="PermanentWorkException">There are no pairs.</exception>
    public static Task<OpenExamples> OpenAsync(DatasetReader datasets, ObjectRef dataset, Split split, ClassifierTrainingSpec training, CancellationToken cancellationToken) =>
        OpenAsync(datasets, dataset, split, training.Pairing is not null && split == Split.Validation ? Pairing.Strict : training.Pairing, training.Size, cancellationToken);

    /// <summary>SHA-256 of the source files of each example's images; null where the dataset does not name them all, as those planned by older coordinators do not.</summary>
    public IReadOnlyList<IReadOnlyList<Sha256Digest>>? Sources()
    {
        List<IReadOnlyList<Sha256Digest>> sources = [];
        for (int example = 0; example < Required.Examples; example++)
        {
            int[] images = Set is PairSet pairs && pairs.Pair(example) is var pair ? [pair.Cfp, pair.Oct] : [example];
            List<Sha256Digest> named = [.. _streams.Zip(images, (stream, image) => stream.Real(image)?.Source).OfType<Sha256Digest>()];
            if (named.Count < images.Length) return null;
            sources.Add(named);
        }
        return sources;
    }

    /// <summary>The subject of each example, a pair's that of its CFP; null where the dataset does not number them all, as those planned by older coordinators do not.</summary>
    public IReadOnlyList<int>? Subjects()
    {
        int?[] subjects = [.. Enumerable.Range(0, checked((int)Required.Examples)).Select(example => _streams[0].Real(Set is PairSet pairs ? pairs.Pair(example).Cfp : example)?.Subject)];
        return subjects.Contains(null) ? null : [.. subjects.OfType<int>()];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OpenDataset stream in _streams) stream.Dispose();
    }

    private static PairSet Pair(OpenDataset cfp, OpenDataset oct, Pairing pairing)
    {
        try
        {
            return pairing == Pairing.Loose
                ? PairSet.Loose(cfp.Required, oct.Required)
                : PairSet.Strict(cfp.Required, oct.Required, index => cfp.Real(index)?.Eye ?? -1, index => oct.Real(index)?.Eye ?? -1);
        }
        catch (ArgumentException none)
        {
            throw new PermanentWorkException($"{cfp.Split} images: {none.Message}");
        }
    }
}
