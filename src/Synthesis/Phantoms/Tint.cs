namespace Factory.Synthesis.Phantoms;

/// <summary>A color in the 0..255 range of the finished image, before rounding.</summary>
internal readonly record struct Tint(float R, float G, float B)
{
    public static Tint operator *(Tint tint, float factor) => new(tint.R * factor, tint.G * factor, tint.B * factor);

    public static Tint Lerp(Tint from, Tint to, float amount) =>
        new(float.Lerp(from.R, to.R, amount), float.Lerp(from.G, to.G, amount), float.Lerp(from.B, to.B, amount));

    public Tint Times(Tint other) => new(R * other.R, G * other.G, B * other.B);
}
