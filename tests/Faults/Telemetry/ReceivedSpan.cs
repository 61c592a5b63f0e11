using System.Globalization;

namespace Factory.Faults.Telemetry;

/// <summary>A span as a collector gets it.</summary>
internal sealed record ReceivedSpan(string Service, string Scope, string Trace, string Id, string Parent, string Name, ulong Began, ulong Ended, IReadOnlyDictionary<string, string> Attributes)
{
    public double Milliseconds => (Ended - Began) / 1e6;

    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>.</summary>
    public static IEnumerable<ReceivedSpan> Of(byte[] request) =>
        from resource in new ProtobufReader(request).Messages(1)
        let service = AttributesOf(resource.Messages(1).Single(), 1)["service.name"]
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new ReceivedSpan(
            service, scope.Messages(1).Single().Text(1), span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Value(7), span.Value(8), AttributesOf(span, 9));

    private static Dictionary<string, string> AttributesOf(ProtobufReader message, int field) => message.Messages(field).ToDictionary(pair => pair.Text(1), pair => ValueOf(pair.Messages(2).Single()));

    private static string ValueOf(ProtobufReader value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(3) ? ((long)value.Value(3)).ToString(CultureInfo.InvariantCulture)
        : value.Has(4) ? BitConverter.UInt64BitsToDouble(value.Value(4)).ToString("0.000", CultureInfo.InvariantCulture)
        : value.Has(2) ? (value.Value(2) == 1 ? "true" : "false") : "";
}
