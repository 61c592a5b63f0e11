using System.Runtime.InteropServices;
using TorchSharp;

namespace Factory.GpuWorker.Devices;

/// <summary>What a device is, for people who look at a list of workers. Nothing is decided by it.</summary>
/// <param name="Name">The device in the maker's words; its plain name when those cannot be had.</param>
/// <param name="Bytes">Its memory in bytes; on a CPU what this process may use; null when unknown.</param>
public sealed partial record DeviceFacts(string Name, long? Bytes)
{
    private const string ProcessorList = "/proc/cpuinfo";
    private const string ModelKey = "model name";
    private const int Success = 0;
    private const int NameLength = 256;

    /// <summary>The facts on a worker's device.</summary>
    /// <param name="device">The device.</param>
    public static DeviceFacts Of(TorchDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Device.type == DeviceType.CUDA
            ? Gpu(Math.Max(0, device.Device.index)) ?? new(device.Name, null)
            : new(Processor() ?? RuntimeInformation.ProcessArchitecture.ToString(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    private static string? Processor()
    {
        try
        {
            string? line = File.ReadLines(ProcessorList).FirstOrDefault(line => line.StartsWith(ModelKey, StringComparison.Ordinal));
            return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // TorchSharp does not say; the driver's own library does, and counts devices as torch does.
    private static unsafe DeviceFacts? Gpu(int index)
    {
        try
        {
            byte* name = stackalloc byte[NameLength];
            return Initialize(0) == Success && GetDevice(out int device, index) == Success && GetName(name, NameLength, device) == Success
                && GetTotalMemory(out nuint bytes, device) == Success
                ? new(Marshal.PtrToStringUTF8((nint)name)!, (long)bytes)
                : null;
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libcuda.so.1", EntryPoint = "cuInit")]
    private static partial int Initialize(uint flags);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGetName")]
    private static unsafe partial int GetName(byte* name, int length, int device);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int GetTotalMemory(out nuint bytes, int device);
}
