using System.ComponentModel.DataAnnotations;
using Factory.Storage;

namespace Factory.Hosting.Transport;

/// <summary>Kinds of transport.</summary>
public enum TransportKind
{
    /// <summary>Messages stay in the process, and are lost with it.</summary>
    InMemory,

    /// <summary>A RabbitMQ broker, 3.10 or later.</summary>
    RabbitMq,
}

/// <summary>How messages travel.</summary>
public sealed class TransportOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Transport";

    /// <summary><c>RabbitMq</c>, or <c>InMemory</c> where coordinator and worker share a process. Default <c>InMemory</c>.</summary>
    [EnumDataType(typeof(TransportKind), ErrorMessage = "Transport:Kind must be InMemory or RabbitMq.")]
    public TransportKind Kind { get; set; } = TransportKind.InMemory;

    /// <summary>Host name of the broker. Default <c>localhost</c>.</summary>
    [Required(ErrorMessage = "Transport:Host must name the broker's host.")]
    public string Host { get; set; } = "localhost";

    /// <summary>Port of the broker; 5671 is usual with <see cref="Tls"/>. Default 5672.</summary>
    [Range(1, 65535, ErrorMessage = "Transport:Port must be from 1 to 65535.")]
    public ushort Port { get; set; } = 5672;

    /// <summary>Virtual host. Default <c>/</c>.</summary>
    [Required(ErrorMessage = "Transport:VirtualHost must not be empty; the broker's first one is called /.")]
    public string VirtualHost { get; set; } = "/";

    /// <summary>User name; needed with RabbitMq.</summary>
    public string? User { get; set; }

    /// <summary>Password; needed with RabbitMq. Never logged.</summary>
    public string? Password { get; set; }

    /// <summary>Whether the connection is encrypted and the broker's certificate checked. Default false.</summary>
    public bool Tls { get; set; }

    /// <summary>
    /// How long a worker may hold one invitation before the broker gives it to another; longer than the longest item. Default two hours. Brokers before 3.12 take it from
    /// their own configuration (<c>consumer_timeout</c>, 30 minutes unless set).
    /// </summary>
    [DurationRange("00:01:00", "7.00:00:00", ErrorMessage = "Transport:AcknowledgementTimeout must be from one minute to seven days.")]
    public TimeSpan AcknowledgementTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Deliveries of one invitation before the broker puts it to the dead letters; the item is invited anew. Default 20.</summary>
    [Range(1, 1000, ErrorMessage = "Transport:DeliveryLimit must be from 1 to 1000.")]
    public int DeliveryLimit { get; set; } = 20;

    /// <summary>The broker in words, without secrets.</summary>
    public string Address => Kind == TransportKind.InMemory ? "in this process" : $"{(Tls ? "amqps" : "amqp")}://{Host}:{Port}/{VirtualHost.TrimStart('/')}";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind != TransportKind.RabbitMq) yield break;
        if (string.IsNullOrEmpty(User)) yield return new("Transport:User is needed with Transport:Kind RabbitMq.");
        if (string.IsNullOrEmpty(Password)) yield return new("Transport:Password is needed with Transport:Kind RabbitMq.");
    }
}
