using System.CommandLine;
using System.CommandLine.Invocation;
using Factory.Cli.Commands;

RootCommand root = new("Factory: synthetic retinal images, by recipe, with provenance.")
{
    Shared.Data, Shared.Device, Shared.Verbose,
    DemoCommand.Create(), PhantomCommand.Create(), CollectionCommands.Create(), RecipeCommands.Create(), RunCommands.Create(),
    CheckpointCommands.Create(), WorkersCommand.Create(), DoctorCommand.Create(), CorpusCommands.CreateCorpus(), CorpusCommands.CreateVerify(), CorpusCommands.CreateExplain(), LineageCommands.Create(),
    ProjectCommands.Create(), KeyCommands.Create(), AuditCommands.Create(), MigrateCommand.Create(), ServeCommand.Create(),
};
ParseResult parsed = root.Parse(args);
// One line says what is wrong; the whole help is there for who asks for it.
if (parsed.Action is ParseErrorAction mistake) mistake.ShowHelp = false;
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
