using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Access;

/// <summary>How often an address may show credentials that fail. Beyond that it is not heard at all, so that nobody tries keys one after another.</summary>
internal sealed class FailureLimit(IOptions<ApiOptions> options) : IDisposable
{
    private const int NetworkBytes = 8;
    private readonly PartitionedRateLimiter<IPAddress> _failures = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetFixedWindowLimiter(address, _ => new() { PermitLimit = options.Value.FailuresPerMinute, Window = TimeSpan.FromMinutes(1) }));

    /// <summary>How long an address has to wait before it is heard again, at most; null: not at all.</summary>
    public TimeSpan? WaitOf(IPAddress? address)
    {
        using RateLimitLease lease = _failures.AttemptAcquire(PartitionOf(address), permitCount: 0);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait : TimeSpan.FromMinutes(1);
    }

    /// <summary>Counts a failure.</summary>
    public void Count(IPAddress? address) => _failures.AttemptAcquire(PartitionOf(address)).Dispose();

    /// <inheritdoc/>
    public void Dispose() => _failures.Dispose();

    // Who has one IPv6 address has the whole network of 64 bits.
    private static IPAddress PartitionOf(IPAddress? address) => address switch
    {
        null => IPAddress.Loopback,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new([.. address.GetAddressBytes()[..NetworkBytes], .. new byte[NetworkBytes]]),
        _ => address,
    };
}
