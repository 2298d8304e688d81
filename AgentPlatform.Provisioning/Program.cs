using AgentPlatform.Provisioning;
using AgentPlatform.Provisioning.Postgres;
using AgentPlatform.Provisioning.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptionsWithValidateOnStart<ProvisioningOptions, ProvisioningOptionsValidator>()
    .Configure(options => options.Read(builder.Configuration));
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Patience>();
builder.Services.AddSingleton<PostgresProvisioner>();
builder.Services.AddSingleton<RedisProvisioner>();

using var host = builder.Build();
return await host.ProvisionAsync();
