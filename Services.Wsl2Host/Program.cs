using AgentPlatform.Contracts;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Wsl2Host);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
