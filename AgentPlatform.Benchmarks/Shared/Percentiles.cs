namespace AgentPlatform.Benchmarks.Shared;

/// <summary>Percentiles of what was measured, by nearest rank.</summary>
internal static class Percentiles
{
    public static double At(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public static double Median(IEnumerable<double> values) => At(values, 0.50);
}
