namespace AgentPlatform.ServiceDefaults.HostCalls;

/// <summary>Gives the client of any host by its address.</summary>
public sealed class HostClients(IHttpClientFactory factory, TimeProvider time)
{
    /// <summary>The client of the host at <paramref name="address"/>.</summary>
    /// <param name="address">The host's advertised address.</param>
    /// <param name="patience">How long it may be silent before a call fails; by default it is asked three times within a second.</param>
    public HostClient For(Uri address, TimeSpan patience = default) => new(factory.CreateClient(HostClient.ClientName), address, time, patience);
}
