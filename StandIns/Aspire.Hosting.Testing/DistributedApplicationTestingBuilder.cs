using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs app hosts inside the test process. Ports are random, the dashboard is off, data are temporary, so any number of them run
/// side by side.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs an app host's entry point until it builds its application.</summary>
    /// <typeparam name="TEntryPoint">A type of the app host's assembly, usually <c>Projects.Name_AppHost</c>.</typeparam>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The app host's builder.</returns>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Runs an app host's entry point until it builds its application.</summary>
    /// <typeparam name="TEntryPoint">A type of the app host's assembly, usually <c>Projects.Name_AppHost</c>.</typeparam>
    /// <param name="args">The app host's command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The app host's builder.</returns>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <summary>Runs an app host's entry point until it builds its application.</summary>
    /// <typeparam name="TEntryPoint">A type of the app host's assembly, usually <c>Projects.Name_AppHost</c>.</typeparam>
    /// <param name="args">The app host's command line.</param>
    /// <param name="configureBuilder">Changes the options of the app host and the settings of its host, over the tests' defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The app host's builder.</returns>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <summary>Runs an app host's entry point until it builds its application.</summary>
    /// <param name="entryPoint">A type of the app host's assembly.</param>
    /// <param name="args">The app host's command line.</param>
    /// <param name="configureBuilder">Changes the options of the app host and the settings of its host, over the tests' defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The app host's builder.</returns>
    /// <exception cref="InvalidOperationException">The assembly has no entry point.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configureBuilder);
        var run = new AppHostRun(entryPoint.Assembly, args, configureBuilder);
        return new TestingBuilder(run, await run.StartAsync(cancellationToken));
    }
}
