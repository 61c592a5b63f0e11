using System.Diagnostics.CodeAnalysis;

namespace Factory.GpuWorker.Datasets;

/// <summary>Keeps values up to a number of bytes, dropping those not used for longest; the latest one stays, whatever its size. Safe for use by several threads.</summary>
/// <param name="bytes">The bound.</param>
/// <param name="dropped">Told of each value dropped.</param>
internal sealed class RecentlyUsed<TKey, TValue>(long bytes, Action<TValue>? dropped = null)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value, long Bytes)>> _entries = [];
    private readonly LinkedList<(TKey Key, TValue Value, long Bytes)> _order = [];
    private long _held;

    /// <summary>Finds a value and marks it as used.</summary>
    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                value = null;
                return false;
            }
            _order.Remove(node);
            _order.AddLast(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>Adds a value; one that is there already stays.</summary>
    public void Add(TKey key, TValue value, long size)
    {
        lock (_lock)
        {
            if (_entries.ContainsKey(key)) return;
            _entries[key] = _order.AddLast((key, value, size));
            _held += size;
            while (_held > bytes && _order.Count > 1)
            {
                (TKey oldest, TValue gone, long goneBytes) = _order.First!.Value;
                _order.RemoveFirst();
                _entries.Remove(oldest);
                _held -= goneBytes;
                dropped?.Invoke(gone);
            }
        }
    }
}
