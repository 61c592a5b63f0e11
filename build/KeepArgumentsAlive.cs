using System;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks an assembly as not to be optimized (System.Diagnostics.DebuggableAttribute, DebuggingModes.DisableOptimizations), so that what a method was passed lives until it returns.
/// The attribute's value is a blob of ECMA-335, II.23.3: a length, the prolog 0x0001, the modes as a 32-bit number, and no named arguments.
/// </summary>
public sealed class KeepArgumentsAlive : Task
{
    private static readonly byte[] Optimized = { 8, 1, 0, 2, 0, 0, 0, 0, 0 };
    private static readonly byte[] Kept = { 8, 1, 0, 3, 1, 0, 0, 0, 0 };

    /// <summary>The assembly to mark, by path. It is replaced, never written in place: it may be a hard link into the package cache.</summary>
    [Required]
    public string File { get; set; } = "";

    public override bool Execute()
    {
        byte[] image = System.IO.File.ReadAllBytes(File);
        int[] places = Places(image, Optimized), kept = Places(image, Kept);
        if (places.Length == 0 && kept.Length == 1) return true;
        if (places.Length != 1 || kept.Length != 0)
        {
            Log.LogError("{0}: its DebuggableAttribute is not found where it should be, once; look at build/KeepArgumentsAlive.cs", File);
            return false;
        }
        Kept.CopyTo(image, places[0]);
        string marked = File + ".marked";
        System.IO.File.WriteAllBytes(marked, image);
        System.IO.File.Delete(File);
        System.IO.File.Move(marked, File);
        return true;
    }

    private static int[] Places(byte[] image, byte[] blob)
    {
        return Enumerable.Range(0, image.Length - blob.Length).Where(start => image[start] == blob[0] && image.Skip(start).Take(blob.Length).SequenceEqual(blob)).ToArray();
    }
}
