using Factory.Contracts.Recipes;
using Factory.Synthesis.Cams.Manipulations;
using Factory.Synthesis.Training;
using Networks = Factory.Synthesis.Networks;

namespace Factory.GpuWorker.Tests.Generation;

/// <summary>What recipes may name is what the science can do: neither project knows the other, so this holds them together.</summary>
public sealed class RecipeNamesTests
{
    public static TheoryData<string> Names => [.. Manipulations.All.Keys];

    [Fact]
    public void Manipulations_AreThoseOfTheRegistry() => Manipulations.All.Keys.ShouldBe(ManipulationRegistry.Names, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Traits_AreThoseOfTheManipulation(string name)
    {
        ManipulationTraits traits = Manipulations.All[name];
        ManipulationRegistry.ParameterOf(name).ShouldBe(traits.Parameter);
        ManipulationRegistry.Create(name).KeepsRows.ShouldBe(traits.KeepsRows);
        if (traits.Parameter is null) return;
        ManipulationRegistry.Create(name, Range(traits.Parameter, traits.Least, traits.Most)).Name.ShouldBe(name);
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create(name, Range(traits.Parameter, traits.Least - 0.01, traits.Most)));
        Should.Throw<ManipulationException>(() => ManipulationRegistry.Create(name, Range(traits.Parameter, traits.Least, traits.Most + 0.01)));
        // Records are equal when their ranges are: the documented default is the one used.
        ManipulationRegistry.Create(name).ShouldBe(ManipulationRegistry.Create(name, Range(traits.Parameter, traits.Default![0], traits.Default[1])));
    }

    [Fact]
    public void GeneratorPresets_HaveTheSizesRecipesAreHeldTo()
    {
        GeneratorPresets.Sizes.Keys.ShouldBe(Networks.GeneratorPresets.Names, ignoreOrder: true);
        foreach ((string name, int size) in GeneratorPresets.Sizes) Networks.GeneratorPresets.Find(name, 3).Size.ShouldBe(size);
    }

    [Fact]
    public void LabelGeneratorPresets_HaveTheSizesAndStepsRecipesAreHeldTo()
    {
        LabelGeneratorPresets.All.Keys.ShouldBe(Networks.LabelGeneratorPresets.Names, ignoreOrder: true);
        foreach ((string name, LabelGeneratorPreset preset) in LabelGeneratorPresets.All)
        {
            LabelGeneratorTrainingOptions options = LabelGeneratorTrainingOptions.OfPreset(name, 4);
            (preset.Size, preset.Steps, preset.LeastSteps).ShouldBe((options.Architecture.Size, options.TotalSteps, options.LeastSteps));
            (options with { Steps = preset.LeastSteps }).Validate();
            Should.Throw<ArgumentException>(() => (options with { Steps = preset.LeastSteps - 1 }).Validate());
        }
    }

    [Fact]
    public void GeneratorStages_FitTheGlobalPart()
    {
        foreach ((string stage2, string stage1) in GeneratorPresets.Stages)
        {
            (Networks.GeneratorArchitecture local, Networks.GeneratorArchitecture global) = (Networks.GeneratorPresets.Find(stage2, 3), Networks.GeneratorPresets.Find(stage1, 3));
            local.LocalBlocks.ShouldNotBeNull();
            (local.Ngf * 2, local.Downsamplings, local.Blocks, local.Ndf).ShouldBe((global.Ngf, global.Downsamplings, global.Blocks, global.Ndf));
        }
        GeneratorPresets.Sizes.Keys.Where(name => Networks.GeneratorPresets.Find(name, 3).LocalBlocks is not null).ShouldBe(GeneratorPresets.Stages.Keys, ignoreOrder: true);
    }

    private static Dictionary<string, ParameterRange> Range(string parameter, double low, double high) => new() { [parameter] = new(low, high) };
}
