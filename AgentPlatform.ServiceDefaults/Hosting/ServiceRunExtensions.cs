using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Runs a service to its end.</summary>
public static class ServiceRunExtensions
{
    private const int InvalidSettings = 78; // EX_CONFIG of sysexits.h

    /// <summary>
    /// Runs the service until it is told to stop. Settings that are not valid end it before it listens, with one line for each on the
    /// standard error that names the key and what it accepts.
    /// </summary>
    /// <returns>The process' exit code: 0, or 78 for invalid settings.</returns>
    public static async Task<int> RunServiceAsync(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        await using (app)
        {
            if (InvalidSettingsOf(app.Services) is { Count: > 0 } failures)
            {
                foreach (var failure in failures)
                {
                    await Console.Error.WriteLineAsync(failure);
                }

                return InvalidSettings;
            }

            await app.RunAsync();
            return 0;
        }
    }

    /// <summary>Asks every validator that would be asked at start, but before the host would log the answer as a crash.</summary>
    internal static IReadOnlyList<string> InvalidSettingsOf(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
            return [];
        }
        catch (OptionsValidationException invalid)
        {
            return [.. invalid.Failures];
        }
        catch (InvalidOperationException unreadable) when (unreadable.InnerException is FormatException or OverflowException)
        {
            // The configuration binder names the key, the text and the type that it should have been.
            return [unreadable.Message];
        }
        catch (AggregateException several) when (several.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures)];
        }
    }
}
