using Factory.Synthesis.Cams;

namespace Factory.Synthesis.Tests.Cams;

public sealed class LesionMapTests
{
    [Fact]
    public void SquashedMap_IsTheLesionsExtent()
    {
        // Of the four cells of 4x4 pixels one is covered, one to a quarter, one by a single pixel, one not.
        byte[] mask = new byte[64];
        for (int row = 0; row < 4; row++) mask.AsSpan(row * 8, 4).Fill(255);
        for (int row = 0; row < 2; row++) mask.AsSpan((row * 8) + 4, 2).Fill(255);
        mask[4 * 8] = 255;

        Cam map = LesionMap.FromMasks([mask, null], 8, 8, 2);

        (map.K, map.Height, map.Width).ShouldBe((3, 2, 2));
        ConditionMap.FromCam(map).Values.ShouldBe([254, 127, 63, 0, 0, 0, 0, 0]);
        map.Channel(0).ToArray().ShouldAllBe(value => value == map[1, 1, 1], "channel 0 says as little as a cell without a lesion");
    }

    [Theory]
    [InlineData(7, 5, 3)]
    [InlineData(31, 29, 8)]
    [InlineData(16, 16, 16)]
    public void NothingOfALesionIsLostBetweenCells(int height, int width, int grid)
    {
        byte[] mask = [.. Enumerable.Range(0, height * width).Select(pixel => (byte)(pixel * 37 % 256))];

        Cam map = LesionMap.FromMasks([mask], height, width, grid);

        // Undone: the squashed value is the root of the share.
        double covered = map.Channel(1).ToArray().Sum(value => Math.Pow(1 / (1 + Math.Exp(-value / 10)), 2)) / (grid * grid);
        covered.ShouldBe(mask.Average(pixel => pixel / 255.0), 0.002);
    }

    [Fact]
    public void MainChannel_IsTheKindThatThereIsMostOf()
    {
        byte[] little = new byte[64], much = new byte[64];
        little[9] = 255;
        much.AsSpan(8, 16).Fill(255);

        LesionMap.MainChannel(LesionMap.FromMasks([little, much, null], 8, 8, 4)).ShouldBe(2);
        LesionMap.MainChannel(LesionMap.FromMasks([null, null], 8, 8, 4)).ShouldBe(1);
    }

    [Fact]
    public void MasksThatDoNotFit_AreRefused()
    {
        Should.Throw<ArgumentException>(() => LesionMap.FromMasks([], 8, 8, 4));
        Should.Throw<ArgumentException>(() => LesionMap.FromMasks([new byte[63]], 8, 8, 4)).Message.ShouldContain("has 63 bytes");
        Should.Throw<ArgumentException>(() => LesionMap.FromMasks([new byte[4]], 2, 2, 4)).Message.ShouldContain("2x2");
    }
}
