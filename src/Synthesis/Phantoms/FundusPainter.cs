namespace Factory.Synthesis.Phantoms;

/// <summary>Paints a color fundus photograph: the lit field, choroid, macula, optic disc, lesions, vessels, and the camera's black surround.</summary>
internal sealed class FundusPainter
{
    private const float FieldRadius = 0.965f;

    private static readonly Tint Blond = new(226, 122, 66);
    private static readonly Tint Dark = new(168, 78, 40);
    private static readonly Tint DiscTint = new(250, 208, 142);
    private static readonly Tint CupTint = new(255, 240, 208);
    private static readonly Tint VeinTint = new(112, 20, 22);
    private static readonly Tint ArteryTint = new(164, 38, 28);

    private readonly PhantomCanvas _canvas;
    private readonly PhantomAnatomy _eye;
    private readonly ValueNoise _noise;

    private FundusPainter(PhantomCanvas canvas, PhantomAnatomy eye) =>
        (_canvas, _eye, _noise) = (canvas, eye, new ValueNoise(eye.TissueSeed));

    public static void Paint(PhantomCanvas canvas, PhantomAnatomy eye, PhantomCategory category)
    {
        var painter = new FundusPainter(canvas, eye);
        painter.PaintGround();
        painter.PaintDisc();
        // Drusen lie under the retina and its vessels. Polyps do too, but are painted over them so that no vessel hides one.
        if (category == PhantomCategory.DryAmd)
            FundusLesions.Paint(canvas, eye, category);
        painter.PaintVessels();
        if (category is PhantomCategory.Pcv or PhantomCategory.WetAmd)
            FundusLesions.Paint(canvas, eye, category);
        painter.ApplyCamera();
    }

    private void PaintGround()
    {
        var ground = Tint.Lerp(Blond, Dark, _eye.Pigmentation);
        for (var y = 0; y < _canvas.Size; y++)
        {
            for (var x = 0; x < _canvas.Size; x++)
            {
                var (u, v) = (_canvas.Coordinate(x), _canvas.Coordinate(y));
                var choroid = 1 + (0.16f * _noise.Fractal(u * 3.2f, v * 3.2f, 4)) + (0.05f * _noise.At(u * 34, v * 34));
                var tint = ground * choroid;
                var toMacula = Squared(u - _eye.Macula.X, v - _eye.Macula.Y);
                var shade = (0.42f * MathF.Exp(-toMacula / 0.026f)) + (0.2f * MathF.Exp(-toMacula / 0.0022f));
                tint = tint.Times(new Tint(1 - (0.62f * shade), 1 - shade, 1 - shade));
                var toDisc = Squared(u - _eye.Disc.X, v - _eye.Disc.Y);
                _canvas.Set(x, y, tint * (1 + (0.12f * MathF.Exp(-toDisc / 0.09f))));
            }
        }
    }

    private void PaintDisc()
    {
        var (x, y) = _eye.Disc;
        var radius = _eye.DiscRadius;
        float Distance(float dx, float dy, float size) => MathF.Sqrt((dx * dx * 1.14f) + (dy * dy * 0.9f)) - size;
        _canvas.Paint(x, y, radius * 1.6f, new Tint(150, 70, 40), (dx, dy) => 0.45f * _canvas.Inside(Math.Abs(Distance(dx, dy, radius * 1.04f)) - 0.006f, 0.03f));
        _canvas.Paint(x, y, radius * 1.6f, DiscTint, (dx, dy) => 0.95f * _canvas.Inside(Distance(dx, dy, radius), 0.022f));
        var temporal = -_eye.NasalSide * radius * 0.14f;
        _canvas.Paint(x + temporal, y, radius, CupTint, (dx, dy) => 0.9f * _canvas.Inside(Distance(dx, dy, radius * 0.5f), 0.05f));
    }

    private void PaintVessels()
    {
        var size = _canvas.Size;
        var (veins, arteries) = (new float[size * size], new float[size * size]);
        foreach (var piece in VesselTree.Grow(_eye))
            Cover(piece, piece.Artery ? arteries : veins);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (vein, artery) = (veins[(y * size) + x], arteries[(y * size) + x]);
                if (vein + artery == 0)
                    continue;
                var tint = Tint.Lerp(_canvas.Get(x, y), VeinTint, 0.86f * vein);
                _canvas.Set(x, y, Tint.Lerp(tint, ArteryTint, 0.82f * artery));
            }
        }
    }

    /// <summary>Takes the strongest cover a vessel's pieces give a pixel; adding them up would show every joint.</summary>
    private void Cover(VesselPiece piece, float[] cover)
    {
        var (dx, dy) = (piece.X1 - piece.X0, piece.Y1 - piece.Y0);
        var lengthSquared = Math.Max((dx * dx) + (dy * dy), 1e-9f);
        var reach = (MathF.Sqrt(lengthSquared) / 2) + piece.Width0 + _canvas.Pixel;
        _canvas.Around((piece.X0 + piece.X1) / 2, (piece.Y0 + piece.Y1) / 2, reach, (x, y, _, _) =>
        {
            var (px, py) = (_canvas.Coordinate(x) - piece.X0, _canvas.Coordinate(y) - piece.Y0);
            var t = Math.Clamp(((px * dx) + (py * dy)) / lengthSquared, 0, 1);
            var radius = float.Lerp(piece.Width0, piece.Width1, t) / 2;
            var distance = MathF.Sqrt(Squared(px - (t * dx), py - (t * dy)));
            // A vessel thinner than a pixel darkens it in proportion.
            var thin = Math.Min(1, 2 * radius / _canvas.Pixel);
            var alpha = thin * _canvas.Inside(distance - Math.Max(radius, _canvas.Pixel / 2), 0.006f);
            cover[(y * _canvas.Size) + x] = Math.Max(cover[(y * _canvas.Size) + x], alpha);
        });
    }

    private void ApplyCamera()
    {
        for (var y = 0; y < _canvas.Size; y++)
        {
            for (var x = 0; x < _canvas.Size; x++)
            {
                var (u, v) = (_canvas.Coordinate(x), _canvas.Coordinate(y));
                var radius = MathF.Sqrt(Squared(u, v));
                var falloff = 1.06f - (0.4f * MathF.Pow(radius, 2.6f));
                var grain = 1 + (0.018f * _noise.Lattice(x + 7919, y + 104729));
                _canvas.Set(x, y, _canvas.Get(x, y) * (_eye.Exposure * falloff * grain * _canvas.Inside(radius - FieldRadius, 0.012f)));
            }
        }
    }

    private static float Squared(float dx, float dy) => (dx * dx) + (dy * dy);
}
