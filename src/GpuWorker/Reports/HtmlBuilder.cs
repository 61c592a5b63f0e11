using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Factory.GpuWorker.Reports;

/// <summary>HTML under construction. The literal parts of an added interpolated string are markup; every hole is text and is encoded, so that no name can become markup.</summary>
internal sealed class HtmlBuilder
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup, encoding its holes.</summary>
#pragma warning disable CA1822 // The handler has written through its reference to this instance already.
    public void Add([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
    }
#pragma warning restore CA1822

    /// <summary>Adds markup that is already encoded.</summary>
    public void AddEncoded(string markup) => _text.Append(markup);

    private StringBuilder Room(int length)
    {
        _text.EnsureCapacity(_text.Length + length);
        return _text;
    }

    public override string ToString() => _text.ToString();

    [InterpolatedStringHandler]
    public readonly ref struct Markup(int literalLength, int formattedCount, HtmlBuilder target)
    {
        private readonly StringBuilder _text = target.Room(literalLength + (16 * formattedCount));

        public void AppendLiteral(string value) => _text.Append(value);

        public void AppendFormatted(string? value) => _text.Append(WebUtility.HtmlEncode(value));

        public void AppendFormatted(int value) => _text.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>Coordinates and fractions: two decimals are below what a screen shows.</summary>
        public void AppendFormatted(double value) => _text.Append(value.ToString("0.##", CultureInfo.InvariantCulture));
    }
}
