namespace Factory.Contracts.Sampling;

/// <summary>
/// Shares the samples of each category among its subjects: evenly, and where that breaks the cap on a subject's samples over all categories, as evenly as the cap lets.
/// Finds shares whenever there are any: what one subject cannot give is moved along chains of subjects with several categories (augmenting paths of a maximum flow).
/// </summary>
internal sealed class SubjectQuotas
{
    private readonly int[][] _members;
    private readonly long[][] _quotas;
    private readonly long[] _loads;
    private readonly long _cap;

    private SubjectQuotas(IReadOnlyList<int[]> members, int subjects, long cap)
    {
        _members = [.. members];
        _quotas = [.. members.Select(category => new long[category.Length])];
        _loads = new long[subjects];
        _cap = cap;
    }

    /// <summary>Shares samples.</summary>
    /// <param name="members">Subjects of each category, in the order in which remainders are given out.</param>
    /// <param name="subjects">Number of subjects.</param>
    /// <param name="counts">Samples of each category.</param>
    /// <param name="cap">At most this many samples of a subject.</param>
    /// <param name="describe">Makes the exception when no shares fit: the categories that together ask too much, and the number of their subjects.</param>
    /// <returns>For each category the quotas of its subjects, in the order of <paramref name="members"/>.</returns>
    public static long[][] Share(
        IReadOnlyList<int[]> members, int subjects, IReadOnlyList<long> counts, long cap, Func<IReadOnlyList<int>, int, SamplePlanException> describe)
    {
        SubjectQuotas quotas = new(members, subjects, cap);
        long[] missing = new long[members.Count];
        for (int category = 0; category < members.Count; category++) quotas.ShareEvenly(category, counts[category]);
        quotas.TakeBackExcess(missing);
        for (int category = 0; category < members.Count; category++)
        {
            missing[category] -= quotas.Fill(category, missing[category]);
            while (missing[category] > 0)
            {
                (int[] from, int end) = quotas.FindChain(category);
                if (end < 0) throw quotas.Impossible(from, category, describe);
                missing[category] -= quotas.Push(from, category, end, missing[category]);
            }
        }
        return quotas._quotas;
    }

    private void ShareEvenly(int category, long count)
    {
        int[] members = _members[category];
        if (members.Length == 0) return;
        (long each, long rest) = Math.DivRem(count, members.Length);
        for (int place = 0; place < members.Length; place++) Change(category, place, each + (place < rest ? 1 : 0));
    }

    /// <summary>Lowers the largest shares of every subject above the cap until it is at the cap.</summary>
    private void TakeBackExcess(long[] missing)
    {
        Dictionary<int, List<(int Category, int Place)>> shares = [];
        for (int category = 0; category < _members.Length; category++)
        {
            for (int place = 0; place < _members[category].Length; place++)
            {
                int subject = _members[category][place];
                if (_loads[subject] <= _cap) continue;
                if (!shares.TryGetValue(subject, out List<(int, int)>? own)) shares[subject] = own = [];
                own.Add((category, place));
            }
        }
        foreach (List<(int Category, int Place)> own in shares.Values)
        {
            long kept = _cap;
            int open = own.Count;
            foreach ((int category, int place) in own.OrderBy(share => _quotas[share.Category][share.Place]))
            {
                long share = Math.Min(_quotas[category][place], kept / open--);
                kept -= share;
                missing[category] += _quotas[category][place] - share;
                Change(category, place, share - _quotas[category][place]);
            }
        }
    }

    /// <summary>Raises the lowest quotas of a category, under the cap, until the amount is placed. Returns what could be placed.</summary>
    private long Fill(int category, long amount)
    {
        int[] members = _members[category];
        long room = members.Sum(subject => _cap - _loads[subject]);
        amount = Math.Min(amount, room);
        if (amount == 0) return 0;
        long low = 0;
        long high = _quotas[category].Max() + amount;
        while (low < high)
        {
            long middle = low + ((high - low + 1) / 2);
            if (Raise(category, middle, long.MaxValue, apply: false) <= amount) low = middle;
            else high = middle - 1;
        }
        long placed = Raise(category, low, long.MaxValue, apply: true);
        return placed + Raise(category, low + 1, amount - placed, apply: true);
    }

    private long Raise(int category, long level, long limit, bool apply)
    {
        long placed = 0;
        for (int place = 0; place < _members[category].Length && placed < limit; place++)
        {
            long added = Math.Min(Math.Min(level - _quotas[category][place], _cap - _loads[_members[category][place]]), limit - placed);
            if (added <= 0) continue;
            placed += added;
            if (apply) Change(category, place, added);
        }
        return placed;
    }

    /// <summary>Finds how a category with too few samples reaches one that has room: each hop is a subject that has samples of the next category.</summary>
    /// <returns>For each category the one it was reached from (-1: not reached), and the category with room (-1: there is none).</returns>
    private (int[] From, int End) FindChain(int start)
    {
        int[] from = Enumerable.Repeat(-1, _members.Length).ToArray();
        from[start] = start;
        Queue<int> open = new([start]);
        while (open.TryDequeue(out int category))
        {
            if (_members[category].Any(subject => _loads[subject] < _cap)) return (from, category);
            HashSet<int> subjects = [.. _members[category]];
            for (int next = 0; next < _members.Length; next++)
            {
                if (from[next] >= 0 || !Holders(next, subjects).Any()) continue;
                from[next] = category;
                open.Enqueue(next);
            }
        }
        return (from, -1);
    }

    private IEnumerable<int> Holders(int category, HashSet<int> subjects) =>
        Enumerable.Range(0, _members[category].Length).Where(place => _quotas[category][place] > 0 && subjects.Contains(_members[category][place]));

    private long Push(int[] from, int start, int end, long wanted)
    {
        List<int> chain = [end];
        while (chain[^1] != start) chain.Add(from[chain[^1]]);
        long amount = Math.Min(wanted, _members[end].Sum(subject => _cap - _loads[subject]));
        for (int hop = 0; hop + 1 < chain.Count; hop++)
        {
            HashSet<int> subjects = [.. _members[chain[hop + 1]]];
            amount = Math.Min(amount, Holders(chain[hop], subjects).Sum(place => _quotas[chain[hop]][place]));
        }
        Fill(end, amount);
        for (int hop = 0; hop + 1 < chain.Count; hop++) Exchange(chain[hop], chain[hop + 1], amount);
        return amount;
    }

    /// <summary>Subjects with samples of one category give them up for another of theirs.</summary>
    private void Exchange(int given, int taken, long amount)
    {
        Dictionary<int, int> places = new(_members[taken].Length);
        for (int place = 0; place < _members[taken].Length; place++) places[_members[taken][place]] = place;
        foreach (int place in Holders(given, [.. _members[taken]]).ToList())
        {
            long part = Math.Min(amount, _quotas[given][place]);
            Change(given, place, -part);
            Change(taken, places[_members[given][place]], part);
            amount -= part;
            if (amount == 0) return;
        }
    }

    private SamplePlanException Impossible(int[] from, int start, Func<IReadOnlyList<int>, int, SamplePlanException> describe)
    {
        int[] reached = [start, .. Enumerable.Range(0, from.Length).Where(category => category != start && from[category] >= 0)];
        return describe(reached, reached.SelectMany(category => _members[category]).Distinct().Count());
    }

    private void Change(int category, int place, long amount)
    {
        _quotas[category][place] += amount;
        _loads[_members[category][place]] += amount;
    }
}
