namespace Factory.Coordinator.Recipes;

/// <summary>Collects what is wrong with a recipe, so that all of it is reported at once.</summary>
internal sealed class RecipeIssues(string file)
{
    // A page of errors is as much as anyone reads; a hostile file could hold a hundred thousand.
    private const int Most = 100;

    private readonly List<RecipeError> _errors = [];

    public bool Any => _errors.Count > 0;

    public void Add(YamlNode at, string field, string message) => Add(at.Line, at.Column, field, message);

    public void Add(int line, int column, string field, string message) => _errors.Add(new(file, line, column, field, message));

    public void ThrowIfAny()
    {
        if (Any) throw Exception();
    }

    public RecipeInvalidException Exception() =>
        new([.. _errors.Distinct().OrderBy(error => error.Line).ThenBy(error => error.Column).Take(Most)]);
}
