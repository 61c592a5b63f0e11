namespace Factory.Contracts.Sampling;

/// <summary>
/// Which source each sample of one category comes from. Samples fall in rounds; round r takes one sample from every subject whose quota is above r, and the images of
/// a subject take turns by round.
/// </summary>
internal sealed class CategorySchedule
{
    private readonly int[] _images;
    private readonly int[] _firstImage;
    private readonly Dictionary<int, int> _placeOfImage;

    // Rounds between two neighboring distinct quotas have the same subjects: one stretch each.
    private readonly long[] _stretchFirstRound;
    private readonly long[] _stretchFirstSample;
    private readonly int[] _stretchSubjects;

    /// <param name="imagesBySubject">Positions of the sources of each subject.</param>
    /// <param name="quotas">Samples of each subject.</param>
    public CategorySchedule(IReadOnlyList<int[]> imagesBySubject, IReadOnlyList<long> quotas)
    {
        int[] order = [.. Enumerable.Range(0, quotas.Count).OrderByDescending(subject => quotas[subject])];
        _firstImage = new int[order.Length + 1];
        for (int place = 0; place < order.Length; place++) _firstImage[place + 1] = _firstImage[place] + imagesBySubject[order[place]].Length;
        _images = [.. order.SelectMany(subject => imagesBySubject[subject])];
        _placeOfImage = new(_images.Length);
        for (int place = 0; place < _images.Length; place++) _placeOfImage[_images[place]] = place;
        (_stretchFirstRound, _stretchFirstSample, _stretchSubjects, Count) = Stretches([.. order.Select(subject => quotas[subject])]);
    }

    /// <summary>Samples of the category.</summary>
    public long Count { get; }

    /// <summary>Source and round of the category's sample at <paramref name="position"/>.</summary>
    public (int Source, long Round) At(long position)
    {
        int stretch = Array.BinarySearch(_stretchFirstSample, position);
        if (stretch < 0) stretch = ~stretch - 1;
        (long rounds, long within) = Math.DivRem(position - _stretchFirstSample[stretch], _stretchSubjects[stretch]);
        long round = _stretchFirstRound[stretch] + rounds;
        int place = (int)((within + round) % _stretchSubjects[stretch]);
        int first = _firstImage[place];
        return (_images[first + (int)(round % (_firstImage[place + 1] - first))], round);
    }

    /// <summary>A source other than the one at <paramref name="source"/>: of another subject where there is one, else of the same; null where it is the only one.</summary>
    public int? Partner(ulong random, int source)
    {
        (int first, int next) = _placeOfImage.TryGetValue(source, out int at) ? Block(at) : (0, 0);
        int others = _images.Length - (next - first);
        if (others == 0)
        {
            // One subject: any other of its images.
            if (_images.Length < 2) return null;
            (first, next, others) = (at, at + 1, _images.Length - 1);
        }
        int pick = (int)Mixing.Below(random, others);
        return _images[pick < first ? pick : pick + next - first];
    }

    private (int First, int Next) Block(int at)
    {
        int place = Array.BinarySearch(_firstImage, at);
        if (place < 0) place = ~place - 1;
        return (_firstImage[place], _firstImage[place + 1]);
    }

    private static (long[] FirstRound, long[] FirstSample, int[] Subjects, long Count) Stretches(long[] descending)
    {
        List<long> rounds = [];
        List<long> samples = [];
        List<int> subjects = [];
        long round = 0;
        long sample = 0;
        for (int place = descending.Length - 1; place >= 0; place--)
        {
            long quota = descending[place];
            if (quota == round) continue;
            rounds.Add(round);
            samples.Add(sample);
            subjects.Add(place + 1);
            sample += (quota - round) * (place + 1);
            round = quota;
        }
        return ([.. rounds], [.. samples], [.. subjects], sample);
    }
}
