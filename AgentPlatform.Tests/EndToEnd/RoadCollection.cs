namespace AgentPlatform.Tests.EndToEnd;

/// <summary>The tests of the whole road share one running platform, and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RoadCollection : ICollectionFixture<Platform>
{
    public const string Name = "road";
}
