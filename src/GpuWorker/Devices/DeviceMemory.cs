using System.Runtime.InteropServices;
using TorchSharp;

namespace Factory.GpuWorker.Devices;

/// <summary>Memory of a device as it is now.</summary>
/// <param name="Used">Bytes in use, by whoever; on a CPU those of this process.</param>
/// <param name="Limit">Bytes there are; on a CPU those that this process may use.</param>
internal sealed partial record DeviceMemory(long Used, long Limit)
{
    private const int Success = 0;

    /// <summary>The memory of a worker's device; null when the driver does not say.</summary>
    public static DeviceMemory? Of(TorchDevice device) => device.Device.type == DeviceType.CUDA
        ? OfGpu(Math.Max(0, device.Device.index))
        : new(Environment.WorkingSet, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    // The driver answers for a context; torch has the device's own one, which is the same for all of a process.
    private static DeviceMemory? OfGpu(int index)
    {
        try
        {
            if (GetDevice(out int device, index) != Success || Retain(out nint context, device) != Success) return null;
            try
            {
                if (Push(context) != Success) return null;
                bool told = GetMemory(out nuint free, out nuint total) == Success;
                _ = Pop(out _);
                return told ? new((long)(total - free), (long)total) : null;
            }
            finally
            {
                _ = Release(device);
            }
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static partial int Retain(out nint context, int device);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static partial int Release(int device);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuCtxPushCurrent_v2")]
    private static partial int Push(nint context);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuCtxPopCurrent_v2")]
    private static partial int Pop(out nint context);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuMemGetInfo_v2")]
    private static partial int GetMemory(out nuint free, out nuint total);
}
