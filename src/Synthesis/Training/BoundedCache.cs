namespace Factory.Synthesis.Training;

/// <summary>Keeps the first values computed until a byte budget is spent; later ones are computed anew each time, so what is returned never depends on the budget.</summary>
internal sealed class BoundedCache<T>(long budgetBytes, Func<int, T> compute, Func<T, long> bytesOf)
    where T : notnull
{
    private readonly Dictionary<int, T> _kept = [];
    private long _spent;

    internal T Get(int index)
    {
        if (_kept.TryGetValue(index, out var value))
            return value;
        value = compute(index);
        var bytes = bytesOf(value);
        if (_spent + bytes <= budgetBytes)
        {
            _kept[index] = value;
            _spent += bytes;
        }

        return value;
    }
}
