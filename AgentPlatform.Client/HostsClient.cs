using System.Globalization;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace AgentPlatform.Client;

/// <summary><c>/api/v1/hosts</c>.</summary>
public sealed class HostsClient
{
    private const string Path = "api/v1/hosts";

    private readonly AgentPlatformClient _client;

    internal HostsClient(AgentPlatformClient client) => _client = client;

    /// <summary>A page of enrolled hosts, the newest first.</summary>
    public Task<Page<HostSummary>> ListAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(Path).Append(CultureInfo.InvariantCulture, $"?limit={limit}");
        if (cursor is not null)
        {
            path.Append("&cursor=").Append(Uri.EscapeDataString(cursor));
        }

        return _client.GetAsync(path.ToString(), HostsJsonContext.Default.PageHostSummary, cancellationToken);
    }

    /// <summary>One host, with what it says of itself at this moment.</summary>
    public Task<HostDetail> ReadAsync(HostId id, CancellationToken cancellationToken) =>
        _client.GetAsync($"{Path}/{id}", HostsJsonContext.Default.HostDetail, cancellationToken);
}
