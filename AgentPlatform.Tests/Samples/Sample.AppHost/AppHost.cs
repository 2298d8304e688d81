var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

var database = builder.AddPostgres("postgres").WithDataVolume("sample-postgres").AddDatabase("sampledb");
var redis = builder.AddRedis("redis").WithDataVolume("sample-redis");

builder.AddProject<Projects.Sample_Web>("web")
    .WithReference(database)
    .WithReference(redis)
    .WithHttpHealthCheck("/health")
    .WithReplicas(2)
    .WaitFor(database)
    .WaitFor(redis);

// A program that starts others, one of which leaves its process group: all of them have to end with the app host.
builder.AddExecutable("family", "sh", ".", "-c", "sleep 3600 & setsid sleep 3600 & wait");

builder.Build().Run();
