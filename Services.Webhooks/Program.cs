using AgentPlatform.Contracts;
using Services.Webhooks.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Webhooks);
builder.AddServiceAuthentication(ServiceNames.Webhooks);
builder.AddServiceDatabase<WebhooksDbContext>(ServiceNames.Webhooks);
builder.AddServiceRedis();

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync();
