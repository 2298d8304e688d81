using AgentPlatform.Contracts;
using AgentPlatform.Tests.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Services.Gateway.People;
using Services.Gateway.Storage;

namespace AgentPlatform.Tests.Services.Storage;

public sealed class ServiceDbContextTests(Provisioned provisioned) : IClassFixture<Provisioned>
{
    [Fact]
    public async Task IdsEnumsAndTimesComeBackAsTheyWereAndReadWellInSql()
    {
        await using var gateway = await ServiceStorage.StartAsync(provisioned, ServiceNames.Gateway);
        var created = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123456);
        var person = new PersonRow
        {
            Id = PersonId.New(TimeProvider.System),
            TenantId = Ownership.DefaultTenant,
            CreatedBy = "service:gateway",
            Login = "alice",
            DisplayName = "Alice",
            Role = PersonRole.Developer,
            CreatedAt = created,
        };

        using (var scope = gateway.Services.CreateScope())
        {
            var context = scope.ServiceProvider.GetRequiredService<GatewayDbContext>();
            context.People.Add(person);
            await context.SaveChangesAsync();
        }

        using (var scope = gateway.Services.CreateScope())
        {
            var read = await scope.ServiceProvider.GetRequiredService<GatewayDbContext>().People.SingleAsync(row => row.Id == person.Id && row.Role == PersonRole.Developer);
            Assert.Equal((person.Id, person.TenantId, person.OwnerTeam, created), (read.Id, read.TenantId, read.OwnerTeam, read.CreatedAt));
        }

        await using var connection = await provisioned.ConnectAsync(ServiceNames.Gateway);
        await using var command = new NpgsqlCommand("SELECT role FROM people WHERE id = $1", connection) { Parameters = { new() { Value = person.Id.Value } } };
        Assert.Equal("developer", await command.ExecuteScalarAsync());
    }
}
