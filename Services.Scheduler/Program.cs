using AgentPlatform.Contracts;
using Services.Scheduler.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Scheduler);
builder.AddServiceAuthentication(ServiceNames.Scheduler);
builder.AddServiceDatabase<SchedulerDbContext>(ServiceNames.Scheduler);
builder.AddServiceRedis();

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync();
