using AgentPlatform.Contracts;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Gateway);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
