namespace Factory.Coordinator.Recipes;

/// <summary>One thing wrong with a recipe.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Field">Path of the key, such as <c>steps.corpus.samples</c>; empty where the file as a whole is meant.</param>
/// <param name="Message">What is wrong, what was expected and what was found.</param>
public sealed record RecipeError(string File, int Line, int Column, string Field, string Message)
{
    /// <summary>One line that editors and terminals can follow: <c>file:line:column: field: message</c>.</summary>
    public override string ToString() => Field.Length == 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}:{Line}:{Column}: {Field}: {Message}";
}

/// <summary>Says everything that is wrong with a recipe. Permanent: the recipe has to change.</summary>
public sealed class RecipeInvalidException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">At least one error, in order of position.</param>
    public RecipeInvalidException(IReadOnlyList<RecipeError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>Creates the exception without errors.</summary>
    public RecipeInvalidException()
        : this([])
    {
    }

    /// <summary>Creates the exception without errors.</summary>
    /// <param name="message">What is wrong.</param>
    public RecipeInvalidException(string message)
        : base(message) => Errors = [];

    /// <summary>Creates the exception without errors.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What led to it.</param>
    public RecipeInvalidException(string message, Exception innerException)
        : base(message, innerException) => Errors = [];

    /// <summary>The errors, in order of position.</summary>
    public IReadOnlyList<RecipeError> Errors { get; }
}
