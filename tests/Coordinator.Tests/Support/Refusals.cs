using System.Text.Json;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Answers that refuse, as every client may rely on them.</summary>
internal static class Refusals
{
    /// <summary>Requires a refusal with one line, and gives the line.</summary>
    public static async Task<string> ShouldRefuseAsync(this HttpResponseMessage response, int status)
    {
        string body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, body);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        using JsonDocument problem = JsonDocument.Parse(body);
        string detail = problem.RootElement.GetProperty("detail").GetString()!;
        detail.ShouldNotBeNullOrWhiteSpace();
        detail.ShouldNotContain("\n");
        body.ShouldNotContain("Exception");
        return detail;
    }
}
