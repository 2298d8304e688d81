namespace AgentPlatform.Contracts;

/// <summary>A page of a list, newest first unless the list says otherwise. Pages are cut by key, so rows that come or go do not shift them.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Limits that every list keeps.</summary>
public static class PageLimits
{
    /// <summary>Items on a page when the caller names no number.</summary>
    public const int Default = 50;

    /// <summary>The most items on a page.</summary>
    public const int Max = 200;
}
