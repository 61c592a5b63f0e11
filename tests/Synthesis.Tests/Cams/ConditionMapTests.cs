using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Tests.Imaging;

namespace Factory.Synthesis.Tests.Cams;

public sealed class ConditionMapTests
{
    [Fact]
    public void SquashedAndResized_EqualsPillow()
    {
        var cam = new Cam(4, 14, 14, [.. Pattern.RoughPlane(14, 56).Select(v => (v - 128) / 2f)]);

        var condition = ConditionMap.FromCam(cam).Resize(272);

        condition.Channels.ShouldBe(3);
        PlanesPng.Interleave(condition.Values, 272 * 272).ShouldBe(Pattern.Decoded("condition.png").Pixels);
    }

    [Fact]
    public void ZeroCam_Gives127_AndTheBackgroundsChannelIsLeftOut()
    {
        var values = new float[3 * 4];
        values.AsSpan(4, 4).Fill(1000);

        ConditionMap.FromCam(new Cam(3, 2, 2, values), backgroundCategory: 1).Values.ShouldAllBe(v => v == 127);
        ConditionMap.FromCam(new Cam(3, 2, 2, values)).Values.ShouldBe([255, 255, 255, 255, 127, 127, 127, 127]);
    }
}
