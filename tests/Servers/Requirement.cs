using Xunit;

namespace Factory.Tests.Servers;

/// <summary>What <c>FACTORY_TEST_REQUIRE</c> says must be there: a comma list of <c>postgres, rabbitmq, s3, docker, kubectl, compose, faketime</c>.</summary>
public static class Requirement
{
    /// <summary>The variable's name.</summary>
    public const string Variable = "FACTORY_TEST_REQUIRE";

    /// <summary>Whether a service must be there.</summary>
    public static bool Names(string service) => (Environment.GetEnvironmentVariable(Variable) ?? "")
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Contains(service, StringComparer.OrdinalIgnoreCase);

    /// <summary>Starts a server; skips the test where the service is missing, and fails it where it must be there.</summary>
    internal static async Task<T> OrSkipAsync<T>(string service, Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (ServerUnavailableException missing) when (Names(service) || Names("docker"))
        {
            Assert.Fail($"{Variable} wants {(Names(service) ? service : "Docker for " + service)}, and there is none: {missing.Message}");
            throw;
        }
        catch (ServerUnavailableException missing)
        {
            Assert.Skip($"no {service}: {missing.Message}");
            throw;
        }
    }
}
