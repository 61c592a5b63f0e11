using System.Xml.Linq;

namespace Factory.Architecture.Tests.Packages;

/// <summary>A package that a restore brought.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="License">What it says its license is: an SPDX expression, or the address of a page.</param>
/// <param name="IsCarried">Whether it goes into what is shipped; others only build it.</param>
/// <param name="IsDirect">Whether a project of ours asks for it by name; others come with those.</param>
internal sealed record RestoredPackage(string Name, string Version, string License, bool IsCarried, bool IsDirect)
{
    private static readonly string[] Allowed = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MS-PL", "PostgreSQL"];

    // Packages from before expressions, whose pages a person has read.
    private static readonly Dictionary<string, string> Read = new()
    {
        ["https://bitmiracle.github.io/libtiff.net/help/articles/license.html"] = "BSD-3-Clause",
    };

    /// <summary>The license as an SPDX expression, so far as it is known.</summary>
    public string Expression => Read.GetValueOrDefault(License, License);

    /// <summary>Whether Apache-2.0 software may carry it: one of the alternatives is allowed as a whole.</summary>
    public bool IsAllowed => Expression.Split(" OR ").Any(alternative => alternative.Split(" AND ").All(Allowed.Contains));

    /// <summary>The license in a package's own description.</summary>
    public static string LicenseIn(XDocument description)
    {
        XElement? license = Find("license");
        if (license?.Attribute("type")?.Value == "expression") return license.Value;
        return license is null ? Find("licenseUrl")?.Value ?? "none named" : $"file {license.Value}";

        XElement? Find(string name) => description.Descendants().FirstOrDefault(element => element.Name.LocalName == name);
    }
}
