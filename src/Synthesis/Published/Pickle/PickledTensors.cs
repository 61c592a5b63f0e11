namespace Factory.Synthesis.Published.Pickle;

/// <summary>Checks what a pickle claims of a tensor against the storage it claims it of.</summary>
internal static class PickledTensors
{
    private const int MaxDimensions = 16;

    /// <summary>A tensor that lies within its storage and whose elements do not overlap.</summary>
    internal static PickledTensor Checked(PickledStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MaxDimensions)
            throw Wrong(storage, shape, $"{strides.Length} strides", $"as many as sides, at most {MaxDimensions}");
        if (shape.Contains(0))
            return new PickledTensor(storage, 0, shape, strides);
        try
        {
            var last = offset;
            long reach = 0;
            foreach (var (side, stride) in shape.Zip(strides).Where(d => d.First > 1).OrderBy(d => d.Second))
            {
                if (stride <= reach)
                    throw Wrong(storage, shape, $"strides [{string.Join(", ", strides)}]", "strides whose elements do not overlap");
                var span = checked((side - 1) * stride);
                reach = checked(reach + span);
                last = checked(last + span);
            }

            return last < storage.Elements
                ? new PickledTensor(storage, offset, shape, strides)
                : throw Wrong(storage, shape, $"{storage.Elements} elements from {offset} on", $"element {last}");
        }
        catch (OverflowException e)
        {
            throw new WeightFileException($"A tensor of shape [{string.Join(", ", shape)}] overflows 64 bits.", e);
        }
    }

    private static WeightFileException Wrong(PickledStorage storage, long[] shape, string actual, string expected) =>
        new($"A tensor of shape [{string.Join(", ", shape.Take(MaxDimensions))}] has {actual} in storage '{StateDictGlobals.Shorten(storage.Key)}', it needs {expected}.");
}
