namespace AgentPlatform.ServiceDefaults.HostCalls;

/// <summary>Gives the client of any host by its address.</summary>
public sealed class HostClients(IHttpClientFactory factory, TimeProvider time)
{
    /// <summary>The client of the host at <paramref name="address"/>.</summary>
    public HostClient For(Uri address) => new(factory.CreateClient(HostClient.ClientName), address, time);
}
