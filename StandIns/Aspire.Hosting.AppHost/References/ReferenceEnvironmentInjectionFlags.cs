namespace Aspire.Hosting;

/// <summary>What a reference to another resource puts into the environment.</summary>
[Flags]
public enum ReferenceEnvironmentInjectionFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The connection string.</summary>
    ConnectionString = 1 << 0,

    /// <summary>The parts of the connection string, a variable each.</summary>
    ConnectionProperties = 1 << 1,

    /// <summary>The addresses of endpoints, as service discovery reads them.</summary>
    ServiceDiscovery = 1 << 2,

    /// <summary>The address of each endpoint in a variable of its own.</summary>
    Endpoints = 1 << 3,

    /// <summary>Everything.</summary>
    All = ConnectionString | ConnectionProperties | ServiceDiscovery | Endpoints,
}
