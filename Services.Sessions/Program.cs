using AgentPlatform.Contracts;
using Services.Sessions.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Sessions);
builder.AddServiceAuthentication(ServiceNames.Sessions);
builder.AddServiceDatabase<SessionsDbContext>(ServiceNames.Sessions);
builder.AddServiceRedis();

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync();
