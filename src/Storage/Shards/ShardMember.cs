namespace Factory.Storage.Shards;

/// <summary>One file of a sample.</summary>
/// <param name="Extension">What follows the key and a dot: lower case, such as <c>png</c> or <c>cond.png</c>.</param>
/// <param name="Content">Its bytes.</param>
public readonly record struct ShardMember(string Extension, ReadOnlyMemory<byte> Content);

/// <summary>One sample of a shard.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Members">Its files, sorted by extension.</param>
public sealed record ShardSample(string Key, IReadOnlyList<ShardMember> Members)
{
    /// <summary>Content of the member with that extension; null when there is none.</summary>
    public ReadOnlyMemory<byte>? Find(string extension)
    {
        foreach (ShardMember member in Members)
        {
            if (member.Extension == extension) return member.Content;
        }
        return null;
    }
}
