namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>A seeded, parameterized change of a CAM that keeps its category. The set is closed: see <see cref="ManipulationRegistry"/>.</summary>
public abstract record Manipulation
{
    private protected Manipulation()
    {
    }

    /// <summary>The name recipes and provenance use, such as <c>trs</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether <see cref="Apply"/> needs a CAM of another image of the same category. Default false.</summary>
    public virtual bool NeedsPartner => false;

    /// <summary>Whether it can be confined to movement along rows, as OCT needs. Default true.</summary>
    public virtual bool KeepsRows => true;

    /// <summary>Applies the manipulation.</summary>
    /// <param name="cam">The source CAM; not changed.</param>
    /// <param name="category">The source image's own category, 0 to K - 1: the channel that holds its lesion.</param>
    /// <param name="horizontalOnly">True for OCT: lesions move along the retina only.</param>
    /// <param name="partner">A CAM of the same shape and category where <see cref="NeedsPartner"/>; otherwise ignored.</param>
    /// <param name="rng">The stream every parameter is drawn from.</param>
    /// <returns>The new CAM and every number drawn.</returns>
    /// <exception cref="ManipulationException">The category is none of the CAM's, a partner is missing or has another shape, the grid is too small, or rows cannot be kept.</exception>
    public ManipulatedCam Apply(Cam cam, int category, bool horizontalOnly, Cam? partner, Rng rng)
    {
        if (category < 0 || category >= cam.K)
            throw new ManipulationException($"{Name}: category {category} is none of the CAM's {cam.K}.");
        if (horizontalOnly && !KeepsRows)
            throw new ManipulationException($"{Name} moves lesions across rows and cannot be used for OCT.");
        if (NeedsPartner && partner is null)
            throw new ManipulationException($"{Name} needs a second CAM of the same category.");
        if (NeedsPartner && (partner!.K != cam.K || partner.Height != cam.Height || partner.Width != cam.Width))
            throw new ManipulationException($"{Name}: the second CAM is [{partner.K}, {partner.Height}, {partner.Width}], the first [{cam.K}, {cam.Height}, {cam.Width}].");
        var parameters = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var values = Change(new CamContext(cam, category, horizontalOnly, NeedsPartner ? partner : null), rng, parameters);
        return new ManipulatedCam(new Cam(cam.K, cam.Height, cam.Width, values), Name, parameters);
    }

    private protected abstract float[] Change(CamContext source, Rng rng, SortedDictionary<string, double> parameters);
}

/// <summary>What a manipulation works on.</summary>
/// <param name="Cam">The source.</param>
/// <param name="Category">Its own category.</param>
/// <param name="HorizontalOnly">Whether rows must be kept.</param>
/// <param name="Partner">The second CAM where one is needed.</param>
internal sealed record CamContext(Cam Cam, int Category, bool HorizontalOnly, Cam? Partner);
