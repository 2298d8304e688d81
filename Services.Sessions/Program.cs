using AgentPlatform.Contracts;
using Services.Sessions.Events;
using Services.Sessions.ModelGateway;
using Services.Sessions.Reviews;
using Services.Sessions.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Sessions);
builder.AddServiceAuthentication(ServiceNames.Sessions);
builder.AddServiceDatabase<SessionsDbContext>(ServiceNames.Sessions);
builder.AddServiceRedis();
builder.AddStreams();
builder.AddReviews();
builder.AddModelGateway();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapReviews();
app.MapSessionEvents();
app.MapModelGateway();
return await app.RunServiceAsync();
