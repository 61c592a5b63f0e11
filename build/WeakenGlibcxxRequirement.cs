using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks an ELF library's requirement of symbol version GLIBCXX_3.4.32 as weak, where this machine's libstdc++ lacks it.
/// The record layout is that of the ELF gABI's version requirements section (.gnu.version_r, type SHT_GNU_verneed).
/// </summary>
public sealed class WeakenGlibcxxRequirement : Task
{
    private const string Version = "GLIBCXX_3.4.32";
    private const uint VersionRequirementsSection = 0x6ffffffe;
    private const ushort WeakFlag = 2;
    private static readonly string[] LibraryFolders = { "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" };

    /// <summary>The library to patch, by path. It is replaced, never written in place: it may be a hard link into the package cache.</summary>
    [Required]
    public string File { get; set; } = "";

    public override bool Execute()
    {
        string runtime = LibraryFolders.Select(folder => Path.Combine(folder, "libstdc++.so.6")).FirstOrDefault(System.IO.File.Exists);
        if (runtime == null || Contains(System.IO.File.ReadAllBytes(runtime), Version)) return true;
        byte[] image = System.IO.File.ReadAllBytes(File);
        if (!Weaken(image)) return true;
        string patched = File + ".patched";
        System.IO.File.WriteAllBytes(patched, image);
        System.IO.File.Delete(File);
        System.IO.File.Move(patched, File);
        Log.LogMessage(MessageImportance.Normal, "{0}: requirement of {1} made weak, since {2} lacks it", File, Version, runtime);
        return true;
    }

    private static bool Weaken(byte[] image)
    {
        if (image.Length < 64 || BitConverter.ToUInt32(image, 0) != 0x464c457f) return false;
        long sections = BitConverter.ToInt64(image, 0x28);
        int entrySize = BitConverter.ToUInt16(image, 0x3a), count = BitConverter.ToUInt16(image, 0x3c);
        for (int index = 0; index < count; index++)
        {
            int header = (int)sections + (index * entrySize);
            if (BitConverter.ToUInt32(image, header + 4) != VersionRequirementsSection) continue;
            int strings = (int)sections + (BitConverter.ToInt32(image, header + 0x28) * entrySize);
            return WeakenSection(image, (int)BitConverter.ToInt64(image, header + 0x18), (int)BitConverter.ToInt64(image, strings + 0x18));
        }
        return false;
    }

    private static bool WeakenSection(byte[] image, int need, int strings)
    {
        bool changed = false;
        while (true)
        {
            int auxiliary = need + BitConverter.ToInt32(image, need + 8);
            for (int left = BitConverter.ToUInt16(image, need + 2); left > 0; left--)
            {
                ushort flags = BitConverter.ToUInt16(image, auxiliary + 4);
                if ((flags & WeakFlag) == 0 && NameAt(image, strings + BitConverter.ToInt32(image, auxiliary + 8)) == Version)
                {
                    BitConverter.GetBytes((ushort)(flags | WeakFlag)).CopyTo(image, auxiliary + 4);
                    changed = true;
                }
                auxiliary += BitConverter.ToInt32(image, auxiliary + 12);
            }
            int next = BitConverter.ToInt32(image, need + 12);
            if (next == 0) return changed;
            need += next;
        }
    }

    private static string NameAt(byte[] image, int start)
    {
        return Encoding.ASCII.GetString(image, start, Array.IndexOf(image, (byte)0, start) - start);
    }

    private static bool Contains(byte[] haystack, string needle)
    {
        return Encoding.GetEncoding(28591).GetString(haystack).IndexOf(needle + "\0", StringComparison.Ordinal) >= 0;
    }
}
