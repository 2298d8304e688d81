namespace StackExchange.Redis;

/// <summary>How a command is sent.</summary>
[Flags]
public enum CommandFlags
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>Not acted upon.</summary>
    HighPriority = 1,

    /// <summary>Nobody waits for the reply; the task that is returned is complete, with the default value.</summary>
    FireAndForget = 2,

    /// <summary>As usual: there is one server.</summary>
    PreferMaster = 0,

    /// <summary>As usual: there is one server.</summary>
    DemandMaster = 4,

    /// <summary>A script is sent in full.</summary>
    NoScriptCache = 512,
}

/// <summary>When a value is written.</summary>
public enum When
{
    /// <summary>In any case.</summary>
    Always = 0,

    /// <summary>When there is one already.</summary>
    Exists = 1,

    /// <summary>When there is none.</summary>
    NotExists = 2,
}

/// <summary>When an expiry is set.</summary>
public enum ExpireWhen
{
    /// <summary>In any case.</summary>
    Always,

    /// <summary>When the new one is later.</summary>
    GreaterThanCurrentExpiry,

    /// <summary>When there is one already.</summary>
    HasExpiry,

    /// <summary>When there is none.</summary>
    HasNoExpiry,

    /// <summary>When the new one is sooner.</summary>
    LessThanCurrentExpiry,
}
