namespace Factory.GpuWorker.Training;

/// <summary>Divides a segment of training at the steps at which a preview is taken.</summary>
internal static class PreviewSteps
{
    /// <summary>Trains to the segment's end.</summary>
    /// <param name="before">Steps done before the segment.</param>
    /// <param name="steps">Steps of the segment.</param>
    /// <param name="every">Steps from one preview to the next, counted from the training's start; null: none is taken.</param>
    /// <param name="run">Makes so many steps; told how to count a step within the segment, and the segment's steps.</param>
    /// <param name="take">Takes a preview, told how many steps are done.</param>
    public static void Advance(int before, int steps, int? every, Action<int, Func<int, int>, int> run, Action<int> take)
    {
        int end = before + steps;
        for (int step = before; step < end;)
        {
            int next = every is { } apart ? Math.Min(end, checked(((step / apart) + 1) * apart)) : end;
            run(next - step, at => at - before, steps);
            step = next;
            if (step % every == 0) take(step);
        }
    }
}
