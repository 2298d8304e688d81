using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// One run of an app host's entry point, on a thread of its own. It is held where it builds its application, until the test asks
/// for that, and where it runs it, until the test has disposed of it.
/// </summary>
internal sealed class AppHostRun(
    Assembly appHost,
    string[] args,
    Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure) : AppHostObserver, IAsyncDisposable
{
    private readonly TaskCompletionSource<IDistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _buildWanted = new();
    private readonly EndSignal _end = new();
    private volatile bool _abandoned;

    /// <summary>Starts the entry point.</summary>
    /// <returns>The builder, once the app host wants to build it.</returns>
    public Task<IDistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var entryPoint = appHost.EntryPoint
            ?? throw new InvalidOperationException($"'{appHost.GetName().Name}' has no entry point, so it is not an app host.");
        new Thread(() => Run(entryPoint)) { IsBackground = true, Name = $"app host {appHost.GetName().Name}" }.Start();
        return _builder.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets the app host build its application.</summary>
    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _buildWanted.Set();
        return _application.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the run, and the application where there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        _abandoned = true;
        _buildWanted.Set();
        if (_application.Task.IsCompletedSuccessfully)
        {
            await (await _application.Task).DisposeAsync();
        }

        _end.Dispose();
        await _ended.Task;
        _buildWanted.Dispose();
    }

    /// <inheritdoc/>
    public override void BuilderConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.Args = [.. options.Args ?? [], .. args];
        TestDefaults.Apply(appHost, options.Args, options, settings);
        configure(options, settings);
    }

    /// <inheritdoc/>
    public override void BuilderConstructed(IDistributedApplicationBuilder builder)
    {
        builder.Services.AddHttpClient();

        // Made by the container, the signal is disposed of with it, and so tells of the application's end however that comes.
        builder.Services.AddSingleton(_ => _end);
    }

    /// <inheritdoc/>
    public override void ApplicationBuilding(IDistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _buildWanted.Wait();
        if (_abandoned)
        {
            throw new OperationCanceledException("The test does not want the application any more.");
        }
    }

    /// <inheritdoc/>
    public override void ApplicationBuilt(DistributedApplication application)
    {
        application.Services.GetRequiredService<EndSignal>();
        _application.TrySetResult(application);
    }

    /// <inheritdoc/>
    public override Task? RunAsync(DistributedApplication application, CancellationToken cancellationToken) => _end.Task;

    private void Run(MethodInfo entryPoint)
    {
        Current = this;
        try
        {
            var arguments = entryPoint.GetParameters().Length == 0 ? null : new object[] { args };
            if (entryPoint.Invoke(null, arguments) is Task task)
            {
                task.GetAwaiter().GetResult();
            }

            Fail(new InvalidOperationException("The app host's entry point ended without building an application."));
        }
        catch (Exception ex)
        {
            Fail(ex is TargetInvocationException { InnerException: { } inner } ? inner : ex);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private void Fail(Exception exception)
    {
        // Whoever waits gets it; when nobody does any more it has already been told, or comes from the end that was asked for.
        _builder.TrySetException(exception);
        _application.TrySetException(exception);
        _ = _builder.Task.Exception;
        _ = _application.Task.Exception;
    }

    /// <summary>Completes when the container that made it is disposed of.</summary>
    private sealed class EndSignal : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _ended.Task;

        public void Dispose() => _ended.TrySetResult();
    }
}
