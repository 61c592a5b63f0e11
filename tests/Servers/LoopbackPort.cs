using System.Net;
using System.Net.Sockets;

namespace Factory.Tests.Servers;

/// <summary>Free TCP ports on loopback.</summary>
public static class LoopbackPort
{
    /// <summary>As many different free ports as asked for. They lie below the range outgoing connections use, or one of those could take the port of a stopped server.</summary>
    public static int[] Take(int count)
    {
        HashSet<int> ports = [];
        while (ports.Count < count)
        {
            int port = Random.Shared.Next(10_000, 30_000);
            if (IsFree(port)) ports.Add(port);
        }

        return [.. ports];
    }

    private static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
