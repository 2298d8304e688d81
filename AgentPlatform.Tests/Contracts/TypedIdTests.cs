using System.Reflection;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Fakes;

namespace AgentPlatform.Tests.Contracts;

public sealed class TypedIdTests
{
    private static readonly string[] Prefixes =
        ["run_", "stp_", "fnd_", "sch_", "dlv_", "ins_", "cmd_", "hst_", "ses_", "prf_", "ten_", "tea_", "per_", "key_", "aud_", "evt_"];

    private static IEnumerable<Type> IdTypes => typeof(RunId).Assembly.GetExportedTypes().Where(type => type.IsValueType
        && Array.Exists(type.GetInterfaces(), face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(ITypedId<>)));

    public static TheoryData<string> Ids => [.. IdTypes.Select(type => type.Name)];

    [Fact]
    public void EveryIdHasAPrefixOfItsOwn() =>
        Assert.Superset(Prefixes.ToHashSet(), IdTypes.Select(type => (string)type.GetProperty("Prefix")!.GetValue(null)!).Distinct().ToHashSet());

    [Fact]
    public void NoTwoIdsShareAPrefix()
    {
        var prefixes = IdTypes.Select(type => (string)type.GetProperty("Prefix")!.GetValue(null)!).ToList();
        Assert.Equal(prefixes.Count, prefixes.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void AnIdComesBackFromItsTextAndFromJson(string type) => typeof(TypedIdTests)
        .GetMethod(nameof(ComesBack), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(IdTypes.Single(id => id.Name == type)).Invoke(null, null);

    private static void ComesBack<TId>()
        where TId : struct, ITypedId<TId>
    {
        var id = TId.From(Guid.CreateVersion7(new ManualTimeProvider().GetUtcNow()));
        var text = id.ToString()!;

        Assert.Equal(TId.Prefix.Length + 32, text.Length);
        Assert.StartsWith(TId.Prefix, text, StringComparison.Ordinal);
        Assert.Equal(id, TId.Parse(text, null));
        Assert.True(TId.TryParse(text, null, out var parsed));
        Assert.Equal(id, parsed);
        Assert.Equal(text, $"{id}");
        Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(id));
        Assert.Equal(id, JsonSerializer.Deserialize<TId>($"\"{text}\""));
        var keyed = new Dictionary<TId, int> { [id] = 1 };
        Assert.Equal(keyed, JsonSerializer.Deserialize<Dictionary<TId, int>>(JsonSerializer.Serialize(keyed)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("run_")]
    [InlineData("run_0198f86c34d179f688488ca6e6f60b6")]
    [InlineData("run_0198f86c34d179f688488ca6e6f60b611")]
    [InlineData("ses_0198f86c34d179f688488ca6e6f60b61")]
    [InlineData("RUN_0198f86c34d179f688488ca6e6f60b61")]
    [InlineData("run_0198F86C34D179F688488CA6E6F60B61")]
    [InlineData("run_0198f86c-34d1-79f6-8848-8ca6e6f60b61")]
    [InlineData(" run_0198f86c34d179f688488ca6e6f60b61")]
    [InlineData("run_0198f86c34d179f688488ca6e6f60b61\n")]
    [InlineData("run_0198f86c34d149f688488ca6e6f60b61")]
    [InlineData("run_0198f86c34d179f6c8488ca6e6f60b61")]
    [InlineData("run_00000000000000000000000000000000")]
    public void AnythingButTheExactTextIsRefused(string text)
    {
        Assert.False(RunId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => RunId.Parse(text));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RunId>(JsonSerializer.Serialize(text)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("12")]
    [InlineData("{}")]
    public void JsonOfAnotherKindIsRefused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RunId>(json));

    [Fact]
    public void IdsSortByTheTimeTheyWereMade()
    {
        var time = new ManualTimeProvider();
        var ids = new List<string>();
        for (var made = 0; made < 50; made++)
        {
            ids.Add(RunId.New(time).ToString());
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }
}
