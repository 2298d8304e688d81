using AgentPlatform.Contracts;
using Services.Gateway.People;
using Services.Gateway.Routes;
using Services.Gateway.Status;
using Services.Gateway.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Gateway);
builder.AddServiceAuthentication(ServiceNames.Gateway).AddLocalDeveloper();
builder.AddServiceDatabase<GatewayDbContext>(ServiceNames.Gateway);
builder.AddServiceRedis();
builder.AddSystemStatus();
builder.AddRoutes();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapSystemStatus();
app.MapRoutes();
return await app.RunServiceAsync();
