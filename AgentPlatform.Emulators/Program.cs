using AgentPlatform.Emulators;

var builder = WebApplication.CreateBuilder(args);
if (!EmulatorServer.MayStart(builder.Environment, Console.Error))
{
    return EmulatorServer.RefusedExitCode;
}

await using var app = EmulatorServer.Build(builder);
await app.RunAsync();
return 0;
