using AgentPlatform.Contracts;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Webhooks);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
