using System.Text.Json;
using Factory.Contracts;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

internal static class JsonColumn
{
    /// <summary>Stores the property as JSON text; compared by its text.</summary>
    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property) => property.HasConversion(
        value => JsonSerializer.Serialize(value, ContractJson.Options),
        text => JsonSerializer.Deserialize<T>(text, ContractJson.Options)!,
        new ValueComparer<T>(
            (left, right) => JsonSerializer.Serialize(left, ContractJson.Options) == JsonSerializer.Serialize(right, ContractJson.Options),
            value => StringComparer.Ordinal.GetHashCode(JsonSerializer.Serialize(value, ContractJson.Options)),
            value => value));
}
