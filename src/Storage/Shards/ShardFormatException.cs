namespace Factory.Storage.Shards;

/// <summary>A tar that is not a shard as the factory writes it.</summary>
/// <param name="member">Name of the member at fault.</param>
/// <param name="finding">What is wrong with it.</param>
public sealed class ShardFormatException(string member, string finding)
    : Exception($"{member}: {finding}")
{
    /// <summary>Name of the member at fault.</summary>
    public string Member => member;
}
