using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>One folder a category. Folders named like a modality or a side of a split may stand above the categories, or below them.</summary>
internal static class FolderLayout
{
    public static SourceListing Read(SourceFolder folder)
    {
        SourceListing listing = new(Layouts.Folders);
        foreach (string path in folder.Images(listing.Refused))
        {
            string[] folders = path.Split('/')[..^1];
            string? category = folders.FirstOrDefault(part => Words.Modality(part) is null && Words.Split(part) is null);
            if (category is null)
            {
                listing.Refused.Add(path, "no label", "it stands in no category's folder");
                continue;
            }
            Split? split = folders.Select(Words.Split).FirstOrDefault(side => side is not null);
            listing.Images.Add(new() { Path = path, FullPath = folder.Inside(path)!, Label = category, Split = split });
        }
        return listing;
    }
}
