using AgentPlatform.Contracts;
using Services.Scheduler.Api;
using Services.Scheduler.GitHub;
using Services.Scheduler.Hosts;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;
using Services.Scheduler.Traces;
using Services.Scheduler.Workers;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Scheduler);
builder.AddServiceAuthentication(ServiceNames.Scheduler);
builder.AddServiceDatabase<SchedulerDbContext>(ServiceNames.Scheduler);
builder.AddServiceRedis();
builder.AddStreams();
builder.AddGitHub();
builder.AddRuns();
builder.AddWorker();
builder.AddRunsApi();
builder.AddTraces();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapHosts();
app.MapRunsApi();
app.MapTraces();
return await app.RunServiceAsync();
