namespace Factory.Tests.Servers.Native;

/// <summary>RabbitMQ from this machine's packages.</summary>
internal static class NativeRabbitMq
{
    /// <summary>Makes a node's configuration; it is not started.</summary>
    /// <exception cref="ServerUnavailableException">RabbitMQ is not installed.</exception>
    public static IServerHost Create(int port, int managementPort)
    {
        // The wrapper on PATH insists on the user rabbitmq and on the machine's own data folder.
        string server = Programs.Find("rabbitmq-server", "/usr/lib/rabbitmq/bin");
        _ = Programs.Find("epmd");
        ServerFolder folder = new("rabbitmq");
        int[] erlang = LoopbackPort.Take(2);
        Dictionary<string, string> environment = new()
        {
            ["HOME"] = folder.Path,
            ["LANG"] = "C.UTF-8",
            ["ERL_EPMD_PORT"] = $"{erlang[0]}",
            ["RABBITMQ_DIST_PORT"] = $"{erlang[1]}",
            ["RABBITMQ_NODENAME"] = $"factory-{port}@localhost",
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_CONFIG_FILE"] = folder.Write("rabbitmq.conf", Configuration(port, managementPort)),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder.Write("enabled_plugins", "[rabbitmq_management].\n"),
            ["RABBITMQ_MNESIA_BASE"] = folder.At("data"),
            ["RABBITMQ_LOG_BASE"] = folder.At("logs"),
            ["RABBITMQ_PID_FILE"] = folder.At("pid"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            // Then the start script becomes the server instead of its parent, and signals reach it.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
        return new NativeHost($"native RabbitMQ on port {port}", folder, ["/bin/sh", folder.Script("rabbitmq.sh"), server], environment, NativeHost.Terminate);
    }

    private static string Configuration(int port, int managementPort) =>
        $"""
        listeners.tcp.1 = 127.0.0.1:{port}
        management.tcp.ip = 127.0.0.1
        management.tcp.port = {managementPort}
        default_user = {RabbitMqServer.User}
        default_pass = {RabbitMqServer.Password}
        disk_free_limit.absolute = 50MB
        log.console = true
        log.console.level = warning

        """;
}
