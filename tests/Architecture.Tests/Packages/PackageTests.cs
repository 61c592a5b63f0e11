using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Factory.Architecture.Tests.Packages;

/// <summary>What of others goes into what is shipped.</summary>
public sealed partial class PackageTests
{
    private const string Page = "docs/dependencies.md", Update = "FACTORY_UPDATE_DOCS";

    [Fact]
    public void EveryPackage_HasALicenseThatMayBeCarried() => RestoredPackages.All
        .Where(package => !package.IsAllowed).Select(package => $"{package.Name} {package.Version}: {package.License}")
        .ShouldBeEmpty("take another package, or read its license and say so in RestoredPackage");

    [Fact]
    public void Page_ListsThePackagesThatWereRestored()
    {
        string file = Path.Combine(Repository.Root, Page), written = Repository.Read(Page);
        string renewed = Generated().Replace(written, match => match.Groups[1].Value + RestoredPackages.Tables() + match.Groups[2].Value);

        if (Environment.GetEnvironmentVariable(Update) == "1") File.WriteAllText(file, renewed);

        (Repository.Read(Page) == renewed).ShouldBeTrue($"{Page} is out of date: run {Update}=1 dotnet run --project tests/Architecture.Tests, and commit it");
    }

    [Theory]
    [InlineData("MIT", true)]
    [InlineData("Apache-2.0 OR MPL-2.0", true)]
    [InlineData("MIT AND BSD-3-Clause", true)]
    [InlineData("MIT AND GPL-2.0-only", false)]
    [InlineData("AGPL-3.0-only", false)]
    [InlineData("(MIT)", false)]
    [InlineData("https://example.org/license", false)]
    [InlineData("file LICENSE.txt", false)]
    [InlineData("none named", false)]
    public void License_IsAllowedWhenOneAlternativeIs(string license, bool allowed) => new RestoredPackage("x", "1", license, true, true).IsAllowed.ShouldBe(allowed);

    [Theory]
    [InlineData("<license type='expression'>MIT</license>", "MIT")]
    [InlineData("<license type='file'>LICENSE.txt</license><licenseUrl>https://aka.ms/deprecateLicenseUrl</licenseUrl>", "file LICENSE.txt")]
    [InlineData("<licenseUrl>https://example.org</licenseUrl>", "https://example.org")]
    [InlineData("", "none named")]
    public void License_IsReadFromThePackage(string metadata, string license) => RestoredPackage.LicenseIn(
        XDocument.Parse($"<package xmlns='http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd'><metadata>{metadata}</metadata></package>")).ShouldBe(license);

    [GeneratedRegex("(<!-- packages: [^>]*-->).*(<!-- /packages -->)", RegexOptions.Singleline)]
    private static partial Regex Generated();
}
