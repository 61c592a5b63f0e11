using System.Globalization;

namespace Factory.Coordinator.Recipes;

/// <summary>A recipe with errors; all of them at once.</summary>
/// <param name="errors">The errors, in order of line.</param>
public sealed class RecipeInvalidException(IReadOnlyList<RecipeError> errors)
    : Exception(string.Join('\n', errors))
{
    /// <summary>The errors, in order of line.</summary>
    public IReadOnlyList<RecipeError> Errors => errors;
}

/// <summary>One error of a recipe.</summary>
/// <param name="File">The recipe's file.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Field">The field, such as <c>steps.corpus.samples</c>; empty for the whole recipe.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record RecipeError(string File, long Line, long Column, string Field, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {(Field.Length == 0 ? "" : Field + ": ")}{Message}");
}
