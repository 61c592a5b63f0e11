namespace Factory.Synthesis.Training;

/// <summary>Figures that were taken of a generator in training.</summary>
/// <param name="Step">Steps done then.</param>
/// <param name="Values">Figures by name, such as <c>fid</c>.</param>
public sealed record GeneratorMeasurement(int Step, SortedDictionary<string, double> Values);
