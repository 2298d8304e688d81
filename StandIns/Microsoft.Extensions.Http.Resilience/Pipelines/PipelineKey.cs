namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>Names one pipeline: which handler it belongs to, and which of its instances it is ("" where there is only one).</summary>
internal readonly record struct PipelineKey(string Name, string Instance)
{
    /// <summary>Instances of one name are built by the same rules.</summary>
    public static IEqualityComparer<PipelineKey> ByName { get; } =
        EqualityComparer<PipelineKey>.Create((left, right) => left.Name == right.Name, key => key.Name.GetHashCode(StringComparison.Ordinal));
}
