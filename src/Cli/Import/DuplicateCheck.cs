using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>Leaves one file of each picture; pictures whose files have different labels are refused, for nobody knows which label is right.</summary>
internal static class DuplicateCheck
{
    /// <summary>The images to keep, in their order; the others are refused.</summary>
    public static List<LabeledImage> Run(IReadOnlyList<LabeledImage> images, CategoryList categories, bool keepFirstOfConflict, RefusedFiles refused)
    {
        List<LabeledImage> kept = [];
        foreach (var same in images.GroupBy(image => image.Prepared!.Image.Digest))
        {
            List<LabeledImage> files = [.. same.OrderBy(image => image.Source.Path, StringComparer.Ordinal)];
            bool conflict = files.Exists(file => file.Label != files[0].Label);
            if (conflict && !keepFirstOfConflict)
            {
                foreach (LabeledImage file in files) RefuseConflict(file, files.First(other => other.Label != file.Label), categories, refused);
                continue;
            }
            kept.Add(files[0]);
            foreach (LabeledImage file in files.Skip(1))
            {
                if (file.Label != files[0].Label) RefuseConflict(file, files[0], categories, refused);
                else refused.Add(file.Source.Path, "duplicate", file.Source.Path == files[0].Source.Path ? "it is listed more than once" : $"same picture as {files[0].Source.Path}, which is kept");
            }
        }
        return [.. kept.OrderBy(image => image.Source.Path, StringComparer.Ordinal)];
    }

    private static void RefuseConflict(LabeledImage file, LabeledImage other, CategoryList categories, RefusedFiles refused) => refused.Add(
        file.Source.Path, "conflicting labels", $"labeled {categories.Names[file.Label]}, but {other.Source.Path} is the same picture labeled {categories.Names[other.Label]}");
}
