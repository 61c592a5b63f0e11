using Microsoft.AspNetCore.Http;

namespace Factory.Cli.Tests;

/// <summary>A coordinator whose database had to be restarted says 503 for a moment.</summary>
public sealed class FactoryClientTests
{
    private const string Trouble = "the database server is not ready; try again.";

    [Fact]
    public async Task Question_IsAskedAgain_UntilTheTroubleIsOver()
    {
        int asked = 0;
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/question", () => asked < 2 ? Refused(ref asked) : Answered(ref asked)));
        using FactoryClient client = new(coordinator.Url);

        (await client.GetAsync<string>("/question", CancellationToken.None)).ShouldBe("answer");

        asked.ShouldBe(3);
    }

    [Theory]
    [InlineData(StatusCodes.Status503ServiceUnavailable, 4)]
    [InlineData(StatusCodes.Status404NotFound, 1)]
    [InlineData(StatusCodes.Status507InsufficientStorage, 1)]
    public async Task TroubleThatStays_IsTold_AtOnceWhereItIsNotOfTheMoment(int status, int asks)
    {
        int asked = 0;
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/question", () => Refused(ref asked, status)));
        using FactoryClient client = new(coordinator.Url);

        (await Should.ThrowAsync<CliException>(() => client.GetAsync<string>("/question", CancellationToken.None))).Message.ShouldBe(Trouble);

        asked.ShouldBe(asks);
    }

    [Fact]
    public async Task Change_IsSentOnce()
    {
        int sent = 0;
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/change", () => Refused(ref sent)));
        using FactoryClient client = new(coordinator.Url);

        await Should.ThrowAsync<CliException>(() => client.PostAsync("/change", null, CancellationToken.None));

        sent.ShouldBe(1);
    }

    private static IResult Refused(ref int asked, int status = StatusCodes.Status503ServiceUnavailable)
    {
        asked++;
        return Results.Problem(Trouble, statusCode: status);
    }

    private static IResult Answered(ref int asked)
    {
        asked++;
        return Results.Json("answer");
    }
}
