using AgentPlatform.Contracts;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Wsl2Host);
builder.AddServiceAuthentication(ServiceNames.Wsl2Host);

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync();
