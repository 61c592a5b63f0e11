using System.Reflection;
using System.Runtime.CompilerServices;
using Factory.Contracts;

namespace Factory.Architecture.Tests;

/// <summary>What travels between processes and versions: names and members of contracts.</summary>
public sealed class ContractTests
{
    private const string Snapshot = "tests/Architecture.Tests/contracts.snapshot.txt";

    private const string Update = "FACTORY_UPDATE_SNAPSHOT";

    private static readonly Assembly Contracts = typeof(ObjectRef).Assembly;

    [Fact]
    public void Contracts_AreThoseOfTheSnapshot()
    {
        string actual = ContractText.Of(Contracts);
        string file = Path.Combine(Repository.Root, Snapshot);
        if (Environment.GetEnvironmentVariable(Update) == "1") File.WriteAllText(file, actual);
        string[] before = File.Exists(file) ? File.ReadAllLines(file) : [];
        string[] after = actual.TrimEnd('\n').Split('\n');

        string[] changes = [.. before.Except(after).Select(line => "- " + line), .. after.Except(before).Select(line => "+ " + line)];
        bool same = before.SequenceEqual(after);

        same.ShouldBeTrue($"""
            Contracts changed. Messages may be on the queue and documents in the store while versions mix: add members as nullable or with a default, rename and remove none.
            If the change is meant: {Update}=1 dotnet run --project tests/Architecture.Tests, then commit {Snapshot}.
            {string.Join('\n', changes)}
            """);
    }

    [Fact]
    public void Messages_LieInANamespaceBelowContracts() => Contracts.GetExportedTypes()
        .Where(type => type.Namespace is null || !type.Namespace.StartsWith("Factory.Contracts", StringComparison.Ordinal))
        .ShouldBeEmpty("MassTransit names exchanges by namespace and type");

    [Fact]
    public void RequiredMembers_AreNeverNullable() => Contracts.GetExportedTypes()
        .SelectMany(ContractText.Members)
        .Where(member => member.IsDefined(typeof(RequiredMemberAttribute)) && ContractText.IsNullable(member))
        .Select(member => $"{member.DeclaringType!.Name}.{member.Name}")
        .ShouldBeEmpty("nulls are not written (ContractJson), so a required member that is null could not be read back");
}
