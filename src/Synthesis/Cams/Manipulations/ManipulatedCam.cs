namespace Factory.Synthesis.Cams.Manipulations;

/// <summary>The outcome of a manipulation: the new CAM and what was drawn to make it.</summary>
/// <param name="Cam">The new CAM; the source is left as it was.</param>
/// <param name="Name">The manipulation's name.</param>
/// <param name="Parameters">Every number drawn, by name; with the source CAMs they suffice to make the CAM again.</param>
public sealed record ManipulatedCam(Cam Cam, string Name, SortedDictionary<string, double> Parameters);
