using System.CommandLine;
using Factory.Cli.Commands;

RootCommand root = new("Factory: synthetic retinal images, by recipe, with provenance.")
{
    Shared.Data, Shared.Device, Shared.Verbose,
    DemoCommand.Create(), PhantomCommand.Create(), CollectionCommands.Create(), RecipeCommands.Create(), RunCommands.Create(),
    CheckpointCommands.Create(), CorpusCommands.CreateCorpus(), CorpusCommands.CreateVerify(), CorpusCommands.CreateExplain(), ServeCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
