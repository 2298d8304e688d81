namespace Aspire.Hosting.Testing;

/// <summary>
/// The builder of an app host whose entry point has described its model and waits to be built: a test may look at the model and
/// change it first.
/// </summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Lets the app host go on and build its application.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The application, not yet started; disposing of it ends everything that it started.</returns>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
