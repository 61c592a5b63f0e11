using System.Xml.Linq;

namespace Factory.Architecture.Tests;

/// <summary>The direction of dependencies between assemblies, in what projects declare and in what was compiled.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Databases = ["Microsoft.EntityFrameworkCore", "Microsoft.Data.Sqlite", "Npgsql", "System.Data", "Factory.Storage.Provenance"];

    [Theory]
    [InlineData("Contracts")]
    [InlineData("Synthesis")]
    [InlineData("Storage", "Contracts")]
    [InlineData("Hosting", "Contracts", "Storage")]
    [InlineData("Coordinator", "Contracts", "Hosting", "Storage")]
    [InlineData("GpuWorker", "Contracts", "Hosting", "Storage", "Synthesis")]
    public void Project_ReferencesOnlyWhatItsPlaceAllows(string project, params string[] allowed)
    {
        XDocument file = XDocument.Parse(Repository.Read($"src/{project}/Factory.{project}.csproj"));
        IEnumerable<string> declared = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

        declared.Except(allowed.Select(name => "Factory." + name)).ShouldBeEmpty($"src/{project} may reference [{string.Join(", ", allowed)}] of ours");
    }

    [Theory]
    [InlineData("Contracts")]
    [InlineData("Synthesis")]
    [InlineData("Storage", "Contracts")]
    [InlineData("Hosting", "Contracts", "Storage")]
    [InlineData("Coordinator", "Contracts", "Hosting", "Storage")]
    [InlineData("GpuWorker", "Contracts", "Hosting", "Storage", "Synthesis")]
    public void Assembly_UsesOnlyWhatItsPlaceAllows(string assembly, params string[] allowed) =>
        Using(assembly, type => type.Assembly.StartsWith("Factory.", StringComparison.OrdinalIgnoreCase) && !allowed.Contains(type.Assembly["Factory.".Length..]))
            .ShouldBeEmpty($"Factory.{assembly} may use [{string.Join(", ", allowed)}] of ours");

    [Fact]
    public void Contracts_UseTheBaseLibraryOnly()
    {
        Using("Contracts", type => !type.Assembly.StartsWith("System.", StringComparison.Ordinal)).ShouldBeEmpty();
        XDocument.Parse(Repository.Read("src/Contracts/Factory.Contracts.csproj")).Descendants("PackageReference").ShouldBeEmpty();
    }

    [Fact]
    public void Worker_KnowsNoDatabase() => Using("GpuWorker", type => Databases.Any(type.IsIn))
        .ShouldBeEmpty("workers hold no database credentials (docs/adr/0005): they read messages and blobs, and publish what they wrote");

    [Fact]
    public void Coordinator_NeitherComputesNorDecodes() => Using("Coordinator", type => type.IsIn("TorchSharp") || type.IsIn("SkiaSharp"))
        .ShouldBeEmpty("the coordinator plans and commits; workers compute, and clients decode what they import (docs/adr/0006)");

    [Fact]
    public void Synthesis_KnowsNeitherMessagesNorStores() => Using("Synthesis", type => type.IsIn("MassTransit") || type.IsIn("Minio") || Databases.Any(type.IsIn))
        .ShouldBeEmpty("the science runs without queue, store or database");

    private static IEnumerable<UsedType> Using(string assembly, Func<UsedType, bool> forbidden) => UsedType.Of("Factory." + assembly).Where(forbidden);
}
