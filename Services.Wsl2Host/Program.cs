using AgentPlatform.Contracts;
using Services.Wsl2Host.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Wsl2Host);
builder.AddServiceAuthentication(ServiceNames.Wsl2Host);
builder.AddWsl2Host();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapWsl2Host();
return await app.RunServiceAsync();
