namespace Factory.Contracts.Recipes;

/// <summary>What to make: a list of steps that refer to one another. Written as YAML (<c>apiVersion: factory/v1</c>).</summary>
public sealed record Recipe
{
    /// <summary>The only version of the recipe format so far.</summary>
    public const string CurrentApiVersion = "factory/v1";

    /// <summary>Format version, <see cref="CurrentApiVersion"/>.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Lower-case letters, digits and dashes, at most 63; names the run's outputs.</summary>
    public required string Name { get; init; }

    /// <summary>The collection to learn from, <c>name</c> (its latest version) or <c>name@version</c>.</summary>
    public required string Collection { get; init; }

    /// <summary>The modality whose images are used by steps that name no other and build on no step of another.</summary>
    public required Modality Modality { get; init; }

    /// <summary>Seed of every random draw of the run. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What changes bits: device kind, threads, data type. Unset parts are pinned when the run is submitted.</summary>
    public NumericsRequest Numerics { get; init; } = new();

    /// <summary>The steps in the order written, each further trial of a step (<see cref="StepTrial"/>) behind it; references may point either way, cycles are refused.</summary>
    public required IReadOnlyList<RecipeStep> Steps { get; init; }
}

/// <summary>The part of a recipe that fixes what changes bits. Unset members take the coordinator's settings when the run is submitted.</summary>
public sealed record NumericsRequest
{
    /// <summary>Kind of device, <c>cpu</c> or <c>cuda</c>.</summary>
    public string? Device { get; init; }

    /// <summary>Threads of one torch operation, 1 to 256.</summary>
    public int? Threads { get; init; }
}

/// <summary>What changes bits, pinned for a run when it is submitted and recorded with it; a worker that cannot provide it refuses the item.</summary>
public sealed record Numerics
{
    /// <summary>Kind of device, <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Threads of one torch operation.</summary>
    public required int Threads { get; init; }

    /// <summary>Type of weights and activations. Always <c>float32</c> so far.</summary>
    public string DataType { get; init; } = "float32";
}
