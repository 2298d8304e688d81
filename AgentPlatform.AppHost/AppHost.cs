using AgentPlatform.AppHost;

// The whole system from the ground up: storage, provisioning, the services, and the door that people and GitHub knock on.
var builder = DistributedApplication.CreateBuilder(args);

// Storage. One database and one Redis, in which each service has a user and a corner of its own.
var postgres = builder.AddPostgres("postgres").WithDataVolume("agentplatform-postgres");
var database = postgres.AddDatabase("agentplatform");
var redis = builder.AddRedis("redis").WithDataVolume("agentplatform-redis").WithPersistence();

// Secrets: the password of each service for its storage, and the seed of the key that signs its calls.
var webhooksSecrets = new ServiceSecrets(builder, "webhooks");
var schedulerSecrets = new ServiceSecrets(builder, "scheduler");
var sessionsSecrets = new ServiceSecrets(builder, "sessions");
var gatewaySecrets = new ServiceSecrets(builder, "gateway");
var hostSecrets = new ServiceSecrets(builder, "wsl2host");

// Provisioning holds the administrator's credentials, makes schemas, roles and users, and ends.
var provisioning = builder.AddProject<Projects.AgentPlatform_Provisioning>("provisioning")
    .WithResolvableReferences()
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithRole(webhooksSecrets)
    .WithRole(schedulerSecrets)
    .WithRole(sessionsSecrets)
    .WithRole(gatewaySecrets);
provisioning.RunsAgainAfter(redis);

// Services. Those with storage wait for provisioning; each finds the others by name.
var webhooks = builder.AddProject<Projects.Services_Webhooks>("webhooks")
    .WithStorage(postgres, redis, webhooksSecrets)
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(provisioning);

var scheduler = builder.AddProject<Projects.Services_Scheduler>("scheduler")
    .WithStorage(postgres, redis, schedulerSecrets)
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(provisioning);

var sessions = builder.AddProject<Projects.Services_Sessions>("sessions")
    .WithStorage(postgres, redis, sessionsSecrets)
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(provisioning);

// A host needs neither database nor queue. This one is the local machine; in production there are many, outside the cluster.
var host = builder.AddProject<Projects.Services_Wsl2Host>("wsl2host")
    .WithIdentity(hostSecrets)
    .WithHttpHealthCheck("/health")
    .AsThisMachine();

var gateway = builder.AddProject<Projects.Services_Gateway>("gateway")
    .WithStorage(postgres, redis, gatewaySecrets)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WaitForCompletion(provisioning);

// Who calls whom, and whose signature each must know.
webhooks.Knows(scheduler, gateway);
scheduler.Knows(webhooks, sessions, gateway, host);
sessions.Knows(scheduler, gateway, host);
host.Knows(scheduler, sessions);
gateway.Knows(webhooks, scheduler, sessions);

var emulators = builder.AddForge(webhooks, scheduler, sessions, host);

builder.Build().AnnounceWhenHealthy(gateway, webhooks, emulators).Run();
