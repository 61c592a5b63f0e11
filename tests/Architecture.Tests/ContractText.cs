using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization;

namespace Factory.Architecture.Tests;

/// <summary>Writes an assembly's public types as text: a line a type, a line a member that travels.</summary>
internal static class ContractText
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)) Write(text, type);
        return text.ToString();
    }

    public static string NameOf(PropertyInfo property) => Describe(Nullability.Create(property));

    public static bool IsNullable(PropertyInfo property) => Nullability.Create(property).ReadState == NullabilityState.Nullable;

    public static IEnumerable<PropertyInfo> Members(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(property => property.GetIndexParameters().Length == 0 && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
        .OrderBy(property => property.Name, StringComparer.Ordinal);

    private static void Write(StringBuilder text, Type type)
    {
        IEnumerable<string> bases = new[] { type.BaseType }.OfType<Type>().Concat(type.GetInterfaces())
            .Where(parent => parent.Assembly == type.Assembly).Select(parent => parent.Name);
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.IsSealed && type.IsAbstract ? "static" : type.IsAbstract ? "abstract" : "sealed";
        text.Append(kind).Append(' ').Append(type.FullName);
        if (bases.Any()) text.Append(" : ").AppendJoin(", ", bases);
        text.Append('\n');
        foreach (JsonDerivedTypeAttribute derived in type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false))
        {
            text.Append("  written as \"").Append(derived.TypeDiscriminator).Append("\": ").Append(derived.DerivedType.Name).Append('\n');
        }
        if (type.IsEnum) foreach (string name in Enum.GetNames(type)) text.Append("  ").Append(name).Append('\n');
        foreach (FieldInfo constant in type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(field => field.IsLiteral && !type.IsEnum))
        {
            text.Append("  const ").Append(constant.Name).Append(" = ").Append(constant.GetRawConstantValue()).Append('\n');
        }
        foreach (PropertyInfo property in Members(type))
        {
            text.Append("  ").Append(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "").Append(property.Name).Append(": ").Append(NameOf(property));
            text.Append(property.CanWrite ? "" : " (computed)").Append('\n');
        }
    }

    private static string Describe(NullabilityInfo member)
    {
        Type type = Nullable.GetUnderlyingType(member.Type) ?? member.Type;
        string name = type.Name.Split('`')[0];
        if (member.ElementType is { } element) name = Describe(element) + "[]";
        else if (member.GenericTypeArguments.Length > 0 && type.IsGenericType) name += $"<{string.Join(", ", member.GenericTypeArguments.Select(Describe))}>";
        return name + (member.ReadState == NullabilityState.Nullable ? "?" : "");
    }
}
