namespace Factory.Synthesis.Published;

/// <summary>Where in a file the numbers of storages lie.</summary>
internal interface IStorageBytes
{
    /// <summary>Bytes of a storage; null where the file has none of that key.</summary>
    long? Length(string key);

    /// <summary>Fills a buffer from a storage, which has that many bytes.</summary>
    void Read(string key, long offset, Span<byte> destination);
}
