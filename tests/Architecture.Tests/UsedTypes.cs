using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Factory.Architecture.Tests;

/// <summary>A type of another assembly that a compiled assembly uses anywhere: in a signature, a body, an attribute.</summary>
internal sealed record UsedType(string Assembly, string Namespace, string Name)
{
    /// <summary>Everything the assembly uses of others, from its metadata. Nothing compiled can hide from it.</summary>
    public static IReadOnlyList<UsedType> Of(string assembly)
    {
        using PEReader file = new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.TypeReferences
            .Select(metadata.GetTypeReference)
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            .Select(type => new UsedType(
                metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name),
                metadata.GetString(type.Namespace),
                metadata.GetString(type.Name)))];
    }

    /// <summary>Whether the type's namespace is <paramref name="root"/> or lies below it.</summary>
    public bool IsIn(string root) => Namespace == root || Namespace.StartsWith(root + ".", StringComparison.Ordinal);

    public override string ToString() => $"{Namespace}.{Name}";
}
