namespace Factory.Tests.Servers.Native;

/// <summary>An S3 server from this machine's packages: Ceph's RADOS gateway over one monitor and one object store in memory.</summary>
internal static class NativeS3
{
    private static readonly string[] Needed = ["radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool"];

    /// <summary>Names a gateway's settings; it is not started.</summary>
    /// <exception cref="ServerUnavailableException">Ceph is not installed.</exception>
    public static IServerHost Create(int port)
    {
        foreach (string program in Needed) Programs.Find(program);
        ServerFolder folder = new("s3");
        Dictionary<string, string> environment = new()
        {
            ["RGW_DATA"] = folder.At("data"),
            ["RGW_ADDRESS"] = "127.0.0.1",
            ["RGW_PORT"] = $"{port}",
            ["RGW_MONITOR_PORT"] = $"{LoopbackPort.Take(1)[0]}",
            ["S3_ACCESS_KEY"] = S3Server.AccessKey,
            ["S3_SECRET_KEY"] = S3Server.SecretKey,
        };
        return new NativeHost($"native RADOS gateway on port {port}", folder, ["/bin/bash", folder.Script("start-rgw.sh")], environment, NativeHost.Terminate);
    }
}
