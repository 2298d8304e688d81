namespace Aspire.Hosting.ApplicationModel;

/// <summary>One line of a resource's console output.</summary>
/// <param name="LineNumber">Its number, from 1; the numbers of a resource go on over restarts.</param>
/// <param name="Content">The time in UTC (round-trip format), a space, and the text.</param>
/// <param name="IsErrorMessage">Whether it was written to standard error.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
