using Vuos.Cli;

return CommandLine.Run(args, InvokedName.OfThisProcess());
