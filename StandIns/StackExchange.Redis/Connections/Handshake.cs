namespace StackExchange.Redis.Connections;

/// <summary>The first words on a connection: user and password, a name, and whether the server is there for us.</summary>
internal static class Handshake
{
    public static async Task GreetAsync(Session session, ConfigurationOptions options, CancellationToken cancellationToken)
    {
        if (options.Password is { Length: > 0 } password)
        {
            var auth = options.User is { Length: > 0 } user ? PendingCommand.Of("AUTH", user, password) : PendingCommand.Of("AUTH", password);
            if (await session.AskAsync(auth, cancellationToken).ConfigureAwait(false) is ErrorRedisResult refused)
            {
                throw new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, $"The server refused user or password: {refused.Message}");
            }
        }

        // A name helps whoever looks at the server; a user who may not give one works without.
        var name = options.ClientName ?? Environment.MachineName;
        var naming = PendingCommand.Of("CLIENT", "SETNAME", string.Concat(name.Where(char.IsAsciiLetterOrDigit)));
        await session.AskAsync(naming, cancellationToken).ConfigureAwait(false);
        if (await session.AskAsync(PendingCommand.Of("PING"), cancellationToken).ConfigureAwait(false) is ErrorRedisResult error)
        {
            ThrowUnlessUsable(error.Message);
        }
    }

    // A user who may not PING (NOPERM) is known to the server all the same.
    private static void ThrowUnlessUsable(string error)
    {
        if (error.StartsWith("NOAUTH", StringComparison.Ordinal))
        {
            throw new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, $"The server wants a password: {error}");
        }

        if (error.StartsWith("LOADING", StringComparison.Ordinal))
        {
            throw new RedisConnectionException(ConnectionFailureType.Loading, $"The server is not ready: {error}");
        }
    }
}
