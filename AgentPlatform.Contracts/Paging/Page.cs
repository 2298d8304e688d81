namespace AgentPlatform.Contracts;

/// <summary>A page of a list, newest first unless the list says otherwise. Pages are cut by key, so rows that come or go do not shift them.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <summary>Cuts to a page what was read for it: one item more than the page may hold says that there is another page.</summary>
    /// <param name="read">In the order of the list.</param>
    /// <param name="limit">How many the page may hold.</param>
    /// <param name="cursor">Where a page that ends with this item ends.</param>
    public static Page<T> Cut<T>(IReadOnlyList<T> read, int limit, Func<T, PageCursor> cursor)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(cursor);
        return read.Count > limit ? new Page<T>([.. read.Take(limit)], cursor(read[limit - 1]).ToString()) : new Page<T>(read, null);
    }
}

/// <summary>Limits that every list keeps.</summary>
public static class PageLimits
{
    /// <summary>Items on a page when the caller names no number.</summary>
    public const int Default = 50;

    /// <summary>The most items on a page.</summary>
    public const int Max = 200;
}
