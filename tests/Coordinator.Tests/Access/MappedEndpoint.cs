using System.Text;
using Factory.Coordinator.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Factory.Coordinator.Tests.Access;

/// <summary>One method of one path of the API, as the host has it.</summary>
internal sealed record MappedEndpoint(string Method, RouteEndpoint Endpoint)
{
    public string Path { get; } = '/' + Endpoint.RoutePattern.RawText!.Trim('/');

    public string Name => $"{Method} {Path.Replace(":int", "", StringComparison.Ordinal)}";

    public EndpointMetadataCollection Metadata => Endpoint.Metadata;

    /// <summary>The policy it asks for.</summary>
    public string? Right => Metadata.GetOrderedMetadata<IAuthorizeData>() is [{ Policy: { } policy }] ? policy : null;

    /// <summary>A request that reaches it and names nothing that is there.</summary>
    public HttpRequestMessage Request()
    {
        string path = Path.Replace("{id:int}", "99", StringComparison.Ordinal).Replace("{digest}", new string('0', 64), StringComparison.Ordinal);
        HttpRequestMessage request = new(new(Method), path.Replace('{', '-').Replace('}', '-'));
        if (Method is not ("GET" or "HEAD")) request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return request;
    }
}

/// <summary>The endpoints of a coordinator.</summary>
internal static class MappedEndpoints
{
    /// <summary>All of them, by path and method.</summary>
    public static IReadOnlyList<MappedEndpoint> Endpoints(this CoordinatorHost host) =>
    [
        .. host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => new MappedEndpoint(method, endpoint)))
            .OrderBy(endpoint => endpoint.Path, StringComparer.Ordinal).ThenBy(endpoint => endpoint.Method, StringComparer.Ordinal),
    ];
}
