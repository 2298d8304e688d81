using AgentPlatform.Contracts;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Sessions);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
