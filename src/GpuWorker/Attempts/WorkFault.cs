using System.Text.Json;
using Factory.Contracts.Sampling;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using Factory.Synthesis.Cams.Manipulations;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Attempts;

/// <summary>Tells faults that another attempt may get past from those it cannot.</summary>
internal static class WorkFault
{
    /// <summary>Whether the same inputs would fail the same way again.</summary>
    public static bool IsPermanent(Exception fault) => fault is PermanentWorkException or ObjectCorruptException or SafeTensorsException or CheckpointException
        or TrainingDivergedException or SamplePlanException or ManipulationException or ImageRejectedException or ShardFormatException or ArgumentException
        or InvalidDataException or JsonException;

    /// <summary>Whether the disk or the object store is to blame, not the item: others would fail here as well, for now.</summary>
    public static bool IsOfSurroundings(Exception fault) => fault is ObjectStoreUnavailableException or ObjectStoreRefusedException or IOException;

    /// <summary>The fault in one line.</summary>
    public static string Describe(Exception fault) => fault.Message.Split('\n', 2)[0].Trim() is { Length: > 0 } line ? line : fault.GetType().Name;
}
