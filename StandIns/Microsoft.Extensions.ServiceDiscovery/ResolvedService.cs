using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>
/// One service's endpoints, resolved on demand: after a change, or when the refresh period is over and no provider would tell of one.
/// </summary>
internal sealed class ResolvedService(IReadOnlyList<IServiceEndpointProvider> providers, TimeSpan refreshPeriod, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _resolving = new(1, 1);
    private Answer? _answer;

    public async ValueTask<ServiceEndpointSource> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
        {
            return fresh;
        }

        await _resolving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Fresh() is { } resolvedMeanwhile)
            {
                return resolvedMeanwhile;
            }

            var resolvedAt = time.GetTimestamp();
            var source = await ResolveAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _answer, new Answer(source, resolvedAt));
            return source;
        }
        finally
        {
            _resolving.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in providers)
        {
            await provider.DisposeAsync().ConfigureAwait(false);
        }

        _resolving.Dispose();
    }

    private ServiceEndpointSource? Fresh()
    {
        var answer = Volatile.Read(ref _answer);
        if (answer is null || answer.Source.ChangeToken.HasChanged)
        {
            return null;
        }

        return answer.Source.ChangeToken.ActiveChangeCallbacks || time.GetElapsedTime(answer.ResolvedAt) < refreshPeriod ? answer.Source : null;
    }

    private async ValueTask<ServiceEndpointSource> ResolveAsync(CancellationToken cancellationToken)
    {
        var builder = new Builder();
        foreach (var provider in providers)
        {
            await provider.PopulateAsync(builder, cancellationToken).ConfigureAwait(false);
        }

        return builder.Build();
    }

    private sealed record Answer(ServiceEndpointSource Source, long ResolvedAt);

    private sealed class Builder : IServiceEndpointBuilder
    {
        private readonly List<ServiceEndpoint> _endpoints = [];
        private readonly List<IChangeToken> _changeTokens = [];

        public IList<ServiceEndpoint> Endpoints => _endpoints;

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public void AddChangeToken(IChangeToken changeToken) => _changeTokens.Add(changeToken);

        public ServiceEndpointSource Build() => new(_endpoints, new CompositeChangeToken(_changeTokens), Features);
    }
}
