namespace Factory.Synthesis.Phantoms;

/// <summary>One straight piece of a vessel, in canvas units; widths are diameters at its two ends.</summary>
internal readonly record struct VesselPiece(float X0, float Y0, float X1, float Y1, float Width0, float Width1, bool Artery);

/// <summary>
/// Grows the retinal vessels of an eye: from the disc an artery and a vein along each of four arcades, the temporal two bending
/// around the macula, each with branches of branches that leave the fovea free.
/// </summary>
internal sealed class VesselTree
{
    private const float Step = 0.022f;
    private const float FreeZone = 0.12f;
    private const float Edge = 1.02f;

    private readonly List<VesselPiece> _pieces = [];
    private readonly PhantomAnatomy _eye;
    private readonly Rng _rng;

    private VesselTree(PhantomAnatomy eye) => (_eye, _rng) = (eye, new Rng(eye.VesselSeed));

    public static IReadOnlyList<VesselPiece> Grow(PhantomAnatomy eye)
    {
        var tree = new VesselTree(eye);
        foreach (var vertical in new[] { -1, 1 })
        {
            foreach (var artery in new[] { false, true })
            {
                tree.Arcade(vertical, temporal: true, artery);
                tree.Arcade(vertical, temporal: false, artery);
            }
        }
        return tree._pieces;
    }

    private void Arcade(int vertical, bool temporal, bool artery)
    {
        var away = temporal ? -_eye.NasalSide : _eye.NasalSide;
        var apart = artery ? 0.045f : 0f;
        var reach = temporal ? Uniform(0.46, 0.58) - apart : Uniform(0.4, 0.6) + apart;
        var start = (X: _eye.Disc.X + (away * Uniform(-0.01, 0.03)), _eye.Disc.Y);
        var rise = (X: start.X + (away * (temporal ? Uniform(-0.05, 0.04) : Uniform(0, 0.06))) - (away * apart), Y: start.Y + (vertical * reach * (temporal ? 1.0f : 0.55f)));
        var over = temporal
            ? (X: _eye.Macula.X + (away * Uniform(-0.06, 0.1)), Y: _eye.Macula.Y + (vertical * (reach + 0.16f)))
            : (X: start.X + (away * 0.22f), Y: start.Y + (vertical * reach * 0.9f));
        var end = temporal
            ? (X: _eye.Macula.X + (away * Uniform(0.75, 0.9)), Y: _eye.Macula.Y + (vertical * Uniform(0.22, 0.45)))
            : (X: start.X + (away * Uniform(0.4, 0.55)), Y: start.Y + (vertical * Uniform(0.75, 0.95)));
        Follow([start, rise, over, end], temporal, artery);
    }

    private void Follow((float X, float Y)[] bezier, bool temporal, bool artery)
    {
        const int steps = 56;
        var wobble = new ValueNoise(_rng.NextUInt64());
        var width = (artery ? 0.021f : 0.029f) * (temporal ? 1 : 0.8f);
        var previous = bezier[0];
        for (var i = 1; i <= steps; i++)
        {
            var t = i / (float)steps;
            var point = Bezier(bezier, t);
            point = (point.X + (0.014f * wobble.At(t * 9, 0.5f)), point.Y + (0.014f * wobble.At(t * 9, 7.5f)));
            var (before, after) = (width * (1 - (0.65f * (t - (1f / steps)))), width * (1 - (0.65f * t)));
            if (!Add(previous, point, before, after, artery))
                return;
            if (i > 5 && i % 5 == (artery ? 0 : 2))
            {
                var heading = MathF.Atan2(point.Y - previous.Y, point.X - previous.X);
                var turn = (i / 5 % 2 == 0 ? 1 : -1) * Uniform(0.6, 1.1);
                Branch(point, heading + turn, after * Uniform(0.5, 0.72), Uniform(0.25, 0.5), -turn * 0.9f, artery, depth: 0);
            }
            previous = point;
        }
    }

    private void Branch((float X, float Y) from, float heading, float width, float length, float bend, bool artery, int depth)
    {
        var steps = (int)(length / Step);
        for (var i = 0; i < steps; i++)
        {
            heading += (bend * Step / length) + (float)(_rng.NextGaussian() * 0.09);
            var to = (X: from.X + (Step * MathF.Cos(heading)), Y: from.Y + (Step * MathF.Sin(heading)));
            var (before, after) = (width * (1 - (0.6f * i / steps)), width * (1 - (0.6f * (i + 1) / steps)));
            if (!Add(from, to, before, after, artery))
                return;
            if (depth < 2 && i > 1 && _rng.NextDouble() < 0.17)
            {
                var turn = (_rng.NextInt(2) == 0 ? 1 : -1) * Uniform(0.45, 0.9);
                Branch(to, heading + turn, after * 0.72f, length * Uniform(0.35, 0.6), -turn * 0.5f, artery, depth + 1);
            }
            from = to;
        }
    }

    private bool Add((float X, float Y) from, (float X, float Y) to, float before, float after, bool artery)
    {
        if (Distance(to, _eye.Macula) < FreeZone || Distance(to, (0, 0)) > Edge)
            return false;
        _pieces.Add(new VesselPiece(from.X, from.Y, to.X, to.Y, before, after, artery));
        return true;
    }

    private static (float X, float Y) Bezier((float X, float Y)[] p, float t)
    {
        var s = 1 - t;
        var (a, b, c, d) = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t);
        return ((a * p[0].X) + (b * p[1].X) + (c * p[2].X) + (d * p[3].X), (a * p[0].Y) + (b * p[1].Y) + (c * p[2].Y) + (d * p[3].Y));
    }

    private static float Distance((float X, float Y) a, (float X, float Y) b) =>
        MathF.Sqrt(((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)));

    private float Uniform(double min, double max) => (float)_rng.NextDouble(min, max);
}
