using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Synthesis.Cams;

namespace Factory.GpuWorker.Datasets;

/// <summary>What condition maps are made from: the CAMs of a classifier, or lesion maps.</summary>
/// <param name="Categories">The categories of the run.</param>
/// <param name="Classifier">The classifier; null with lesion maps.</param>
/// <param name="Lesions">The lesion maps; null with CAMs.</param>
internal sealed record ConditionBasis(CategoryList Categories, ObjectRef? Classifier, LesionMapSpec? Lesions)
{
    /// <summary>That of a corpus.</summary>
    public static ConditionBasis Of(SynthesisSpec corpus, ObjectRef? classifier) => new(corpus.Categories, corpus.Lesions is null ? classifier : null, corpus.Lesions);

    /// <summary>Channels of a condition map: a category each but the background, or a kind of lesion each.</summary>
    public int Channels => Lesions?.Kinds.Count ?? Categories.Count - 1;

    /// <summary>What the maps of a source are called on sheets.</summary>
    public string Title => Lesions is null ? "CAM" : "lesions";

    /// <summary>The condition map of a CAM or lesion map.</summary>
    public ConditionMap Condition(Cam map) => ConditionMap.FromCam(map, Lesions is null ? Categories.Background : 0);

    /// <summary>The channel that a manipulation of the lesion works on: that of the label, or that of the strongest kind of lesion.</summary>
    public int Channel(Cam map, int label) => Lesions is null ? label : LesionMap.MainChannel(map);

    /// <summary>In words, as refusals put it.</summary>
    public override string ToString() => Lesions is null ? $"CAMs of classifier {Classifier!.Digest.Hex}" : $"lesion maps of {Lesions}";
}
