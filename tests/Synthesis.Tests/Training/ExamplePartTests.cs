using Factory.Synthesis.Imaging;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Tests.Training;

public sealed class ExamplePartTests
{
    /// <summary>Sets of many shapes: each category has at least as many examples as there are parts.</summary>
    public static TheoryData<int, int, int, ulong> Shapes()
    {
        TheoryData<int, int, int, ulong> shapes = [];
        Rng rng = new(17);
        for (var i = 0; i < 60; i++)
        {
            int parts = 1 + rng.NextInt(64), categories = 1 + rng.NextInt(6);
            shapes.Add(parts, categories, (categories * parts) + rng.NextInt(200), rng.NextUInt64());
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PartsOfImages_AreDisjoint_TogetherTheSet_AndOfEveryCategory(int parts, int categories, int count, ulong seed)
    {
        // Labels in turn, so that each category has count / categories or one more.
        var (set, loaded) = Numbered(count, i => i % categories);
        List<int> seen = [];
        var sizes = new List<int[]>();
        for (var part = 0; part < parts; part++)
        {
            var mine = set.Part(part, parts, seed).ShouldBeOfType<ImageSet>();
            sizes.Add([.. Enumerable.Range(0, categories).Select(label => mine.Labels().Count(other => other == label))]);
            for (var i = 0; i < mine.Count; i++)
            {
                loaded.Clear();
                mine.Load(i);
                (loaded.Single() % categories).ShouldBe(mine.Label(i));
                seen.Add(loaded.Single());
            }
        }

        seen.Order().ShouldBe(Enumerable.Range(0, count));
        for (var label = 0; label < categories; label++)
        {
            sizes.Min(part => part[label]).ShouldBeGreaterThan(0);
            (sizes.Max(part => part[label]) - sizes.Min(part => part[label])).ShouldBeLessThanOrEqualTo(1);
        }
    }

    [Fact]
    public void OnePart_IsTheSet_AndAnotherSeedDealsOtherwise()
    {
        var (set, loaded) = Numbered(30, i => i % 3);
        Loaded(set.Part(0, 1, 5)).ShouldBe(Enumerable.Range(0, 30));
        Loaded(set.Part(0, 3, 5)).ShouldBe(Loaded(set.Part(0, 3, 5)));
        Loaded(set.Part(0, 3, 5)).ShouldNotBe(Loaded(set.Part(0, 3, 6)));

        int[] Loaded(ExampleSet part)
        {
            loaded.Clear();
            var images = (ImageSet)part;
            for (var i = 0; i < images.Count; i++)
                images.Load(i);
            return [.. loaded];
        }
    }

    [Fact]
    public void LoosePairs_ShareNoImage_OnEitherSide()
    {
        var pairs = PairSet.Loose(Numbered(14, i => i % 3).Set, Numbered(11, i => i % 3).Set);
        var parts = Parts(pairs, 3);
        Disjoint(parts, pair => pair.Cfp).ShouldBe(Enumerable.Range(0, 14));
        Disjoint(parts, pair => pair.Oct).ShouldBe(Enumerable.Range(0, 11));
        parts.ShouldAllBe(part => part.Select(pair => pair.Label).Distinct().Count() == 3);
    }

    [Fact]
    public void StrictPairs_AreDealtByEye()
    {
        // Two CFP images of each eye, three of its OCT.
        var pairs = PairSet.Strict(Numbered(16, i => i / 2 % 2).Set, Numbered(24, i => i / 3 % 2).Set, i => i / 2, i => i / 3);
        var parts = Parts(pairs, 3);
        Disjoint(parts, pair => pair.Cfp / 2).ShouldBe(Enumerable.Range(0, 8));
        parts.Sum(part => part.Count).ShouldBe(8 * 6);
        parts.ShouldAllBe(part => part.All(pair => pair.Cfp / 2 == pair.Oct / 3) && part.Select(pair => pair.Label).Distinct().Count() == 2);
    }

    [Fact]
    public void MoreReplicasThanACategoryHasExamples_AreRefused()
    {
        Should.Throw<ArgumentException>(() => Numbered(8, i => i < 5 ? 0 : 1).Set.Part(0, 4, 1)).Message
            .ShouldBe("There are 3 training images of category 1, fewer than the 4 replicas, each of which needs one of its own; use fewer replicas.");
        Should.Throw<ArgumentException>(() => PairSet.Loose(Numbered(6, _ => 0).Set, Numbered(2, _ => 0).Set).Part(0, 3, 1)).Message.ShouldContain("2 OCT training images of category 0");
    }

    private static (ImageSet Set, List<int> Loaded) Numbered(int count, Func<int, int> label)
    {
        List<int> loaded = [];
        return (new ImageSet(count, label, i =>
        {
            loaded.Add(i);
            return new RgbImage(1, 1);
        }), loaded);
    }

    private static List<List<(int Label, int Cfp, int Oct)>> Parts(PairSet pairs, int parts) => [.. Enumerable.Range(0, parts)
        .Select(part => (PairSet)pairs.Part(part, parts, 9))
        .Select(part => Enumerable.Range(0, (int)part.Examples).Select(i => part.Pair(i)).ToList())];

    private static List<int> Disjoint(List<List<(int Label, int Cfp, int Oct)>> parts, Func<(int Label, int Cfp, int Oct), int> of)
    {
        List<int> all = [.. parts.SelectMany(part => part.Select(of).Distinct())];
        all.Distinct().Count().ShouldBe(all.Count);
        return [.. all.Order()];
    }
}
