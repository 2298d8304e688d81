using AgentPlatform.Provisioning;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddProvisioning(builder.Configuration);

using var host = builder.Build();
return await host.ProvisionAsync();
