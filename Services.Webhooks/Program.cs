using AgentPlatform.Contracts;
using Services.Webhooks;
using Services.Webhooks.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Webhooks);
builder.AddServiceAuthentication(ServiceNames.Webhooks);
builder.AddServiceDatabase<WebhooksDbContext>(ServiceNames.Webhooks);
builder.AddServiceRedis();
builder.AddIntake();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapIntake();
return await app.RunServiceAsync();
