using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Factory.Storage;

/// <summary>
/// Bounds of a duration in the settings, both included. <see cref="RangeAttribute"/> cannot do it: it converts its bounds at first use, and hosts that start side by side in one
/// process share the attribute and fail on what the other has half converted.
/// </summary>
/// <param name="minimum">Shortest duration, as <c>[d.]hh:mm:ss[.fff]</c>.</param>
/// <param name="maximum">Longest duration, in the same form.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationRangeAttribute(string minimum, string maximum) : ValidationAttribute("The field {0} must be between {1} and {2}.")
{
    private readonly TimeSpan _minimum = TimeSpan.Parse(minimum, CultureInfo.InvariantCulture);
    private readonly TimeSpan _maximum = TimeSpan.Parse(maximum, CultureInfo.InvariantCulture);

    /// <summary>Shortest duration.</summary>
    public string Minimum => minimum;

    /// <summary>Longest duration.</summary>
    public string Maximum => maximum;

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || (value is TimeSpan duration && duration >= _minimum && duration <= _maximum);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => string.Format(CultureInfo.CurrentCulture, ErrorMessageString, name, minimum, maximum);
}
