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
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/question", () => ++asked < 3 ? Busy() : Results.Json("answer")));
        using FactoryClient client = new(coordinator.Url);

        (await client.GetAsync<string>("/question", CancellationToken.None)).ShouldBe("answer");

        asked.ShouldBe(3);
    }

    [Fact]
    public async Task TroubleThatStays_IsTold()
    {
        int asked = 0;
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/question", () => Busy(ref asked)));
        using FactoryClient client = new(coordinator.Url);

        (await Should.ThrowAsync<CliException>(() => client.GetAsync<string>("/question", CancellationToken.None))).Message.ShouldBe(Trouble);

        asked.ShouldBe(4);
    }

    [Theory]
    [InlineData(StatusCodes.Status404NotFound)]
    [InlineData(StatusCodes.Status507InsufficientStorage)]
    public async Task WhatIsNoMomentsTrouble_IsToldAtOnce(int status)
    {
        int asked = 0;
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/question", () => Refused(ref asked, status)));
        using FactoryClient client = new(coordinator.Url);

        await Should.ThrowAsync<CliException>(() => client.GetAsync<string>("/question", CancellationToken.None));

        asked.ShouldBe(1);
    }

    [Fact]
    public async Task Change_IsSentOnce()
    {
        int sent = 0;
        await using StubCoordinator coordinator = await StubCoordinator.StartAsync(("/change", () => Busy(ref sent)));
        using FactoryClient client = new(coordinator.Url);

        await Should.ThrowAsync<CliException>(() => client.PostAsync("/change", null, CancellationToken.None));

        sent.ShouldBe(1);
    }

    private static IResult Busy() => Results.Problem(Trouble, statusCode: StatusCodes.Status503ServiceUnavailable);

    private static IResult Busy(ref int asked) => Refused(ref asked, StatusCodes.Status503ServiceUnavailable);

    private static IResult Refused(ref int asked, int status)
    {
        asked++;
        return Results.Problem(Trouble, statusCode: status);
    }
}
