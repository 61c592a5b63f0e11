using System.Text.RegularExpressions;

namespace Factory.Architecture.Tests;

/// <summary>House rules that hold for every source file.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 300;

    /// <summary>Places of one author's machine; in pieces, or this file would name them.</summary>
    private static readonly string[] PrivatePlaces = [@"(?<![\w.\-/:}*])/wo" + @"rk(?:/|\b)", @"\.\./sha" + "red", @"\bwork" + @"place\b"];

    [Fact]
    public void Files_AreShortEnoughToRead() => Repository.CSharpFiles
        .Select(path => (Path: path, Lines: Repository.Read(path).TrimEnd('\n').Split('\n').Length))
        .Where(file => file.Lines > MaxLines)
        .ShouldBeEmpty($"a file has at most {MaxLines} lines: split it along what its types do");

    [Fact]
    public void Namespaces_MatchFolders() => Repository.CSharpFiles
        .Select(path => (Path: path, Expected: ExpectedNamespace(path), Actual: NamespaceLine().Match(Repository.Read(path)).Groups[1].Value))
        .Where(file => file.Actual != file.Expected && !(file.Actual.Length == 0 && Path.GetFileName(file.Path) is "Program.cs" or "AssemblyInfo.cs"))
        .ShouldBeEmpty();

    [Fact]
    public void TypeNames_SayWhatTheTypeIs() => Declarations(TypeDeclaration())
        .Where(type => VagueName().IsMatch(type.Name))
        .ShouldBeEmpty("no type is a Manager, Helper, Util, Processor or Info: name what it does or is");

    [Fact]
    public void Folders_NameATopic() => Repository.CSharpFiles
        .Where(path => path.Split('/').SkipLast(1).Any(folder => folder is "Common" or "Misc" or "Helpers" or "Utils"))
        .ShouldBeEmpty();

    [Fact]
    public void PublicClasses_AreSealedOrAbstract() => Declarations(OpenPublicClass())
        .Where(type => type.Path.StartsWith("src/", StringComparison.Ordinal))
        .ShouldBeEmpty("a shipped public class or record is sealed, abstract or static");

    [Fact]
    public void Files_NameNoPlaceOfOneMachine() => Repository.TextFiles
        .SelectMany(path => PrivatePlaces.SelectMany(place => Regex.Matches(Repository.Read(path), place).Select(match => (Path: path, match.Value))))
        .ShouldBeEmpty("the repository stands alone");

    [Fact]
    public void Keys_AreComparedInConstantTime()
    {
        string[] access = [.. Repository.CSharpFiles.Where(path => path.StartsWith("src/Coordinator/Access/", StringComparison.Ordinal))];

        access.SelectMany(path => HastyComparison().Matches(Repository.Read(path)).Select(match => (path, match.Value))).ShouldBeEmpty("how long a comparison takes must not tell how much of a secret is right: CryptographicOperations.FixedTimeEquals");
        access.Where(path => Repository.Read(path).Contains("FixedTimeEquals", StringComparison.Ordinal)).Select(Path.GetFileName).ShouldBe(["AccessHandler.cs", "KeyRing.cs"]);
        HastyComparison().IsMatch("candidate.KeyHash == hash").ShouldBeTrue();
        HastyComparison().IsMatch("shown == options.Value.Key)").ShouldBeTrue();
    }

    private static IEnumerable<(string Path, string Name)> Declarations(Regex pattern) => Repository.CSharpFiles
        .SelectMany(path => pattern.Matches(Repository.Read(path)).Select(match => (path, match.Groups["name"].Value)));

    private static string ExpectedNamespace(string path)
    {
        string[] parts = path.Split('/');
        // The servers are nobody's tests: they say in their name that they are not shipped.
        string[] top = path.StartsWith("tests/Servers/", StringComparison.Ordinal) ? ["Factory", "Tests"] : ["Factory"];
        return string.Join('.', [.. top, .. parts[1..^1]]);
    }

    [GeneratedRegex(@"(?:KeyHash|\bKey)(?:\.Hex)? ?(?:==|!=|\.Equals\(|\.SequenceEqual\()|(?:==|!=) [\w.]*(?:KeyHash|\bKey)\b(?!\.)")]
    private static partial Regex HastyComparison();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^[ \t]*(?:(?:public|internal|private|protected|file|sealed|static|abstract|partial|readonly|ref|unsafe) )+(?:class|record struct|record class|record|struct|interface|enum) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^[ \t]*public (?:partial |unsafe )*(?:class|record(?! struct)) (?:class )?(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex OpenPublicClass();

    [GeneratedRegex(@"(?:Manager|Helpers?|Utils?|Utility|Utilities|Processor|Info)$")]
    private static partial Regex VagueName();
}
