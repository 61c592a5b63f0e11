namespace Factory.Tests.Servers;

/// <summary>Where a RabbitMQ virtual host is and who may use it.</summary>
public sealed record RabbitMqAccess(string Host, int Port, string VirtualHost, string User, string Password)
{
    /// <summary>The same as a URL, with the virtual host as its path.</summary>
    public Uri Url => new($"amqp://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Host}:{Port}/{Uri.EscapeDataString(VirtualHost)}");
}
