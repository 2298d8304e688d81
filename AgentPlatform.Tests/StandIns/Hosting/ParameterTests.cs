using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class ParameterTests : IDisposable
{
    private readonly HostingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AValueStandsInTheConfiguration() =>
        Assert.Equal("x", await _directory.CreateBuilder("--Parameters:pg-password", "x").AddParameter("pg-password").Resource.GetValueAsync());

    [Fact]
    public async Task AnUnderscoreStandsForAHyphenThatAVariableCannotHave()
    {
        var builder = _directory.CreateBuilder("--Parameters:pg_password", "x");
        Assert.Equal("x", await builder.AddParameter("pg-password").Resource.GetValueAsync());
    }

    [Fact]
    public async Task TheExactNameStandsAboveTheOneWithUnderscores()
    {
        var builder = _directory.CreateBuilder("--Parameters:a_b", "underscore", "--Parameters:a-b", "hyphen");
        Assert.Equal("hyphen", await builder.AddParameter("a-b").Resource.GetValueAsync());
    }

    [Fact]
    public async Task AMissingValueNamesTheParameterAndItsKeyAndMayBeSuppliedLater()
    {
        var builder = _directory.CreateBuilder();
        var parameter = builder.AddParameter("api-key", secret: true).Resource;

        var error = await Assert.ThrowsAsync<MissingParameterValueException>(() => parameter.GetValueAsync().AsTask());
        Assert.Contains("'Parameters:api-key'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'api-key'", error.Message, StringComparison.Ordinal);

        builder.Configuration["Parameters:api-key"] = "x";
        Assert.Equal("x", await parameter.GetValueAsync());
    }

    [Fact]
    public async Task AValueInCodeIsNotChangedByConfiguration()
    {
        var builder = _directory.CreateBuilder("--Parameters:mode", "configured");
        Assert.Equal("code", await builder.AddParameter("mode", "code").Resource.GetValueAsync());
    }

    [Fact]
    public async Task AComputedValueIsComputedOnce()
    {
        var calls = 0;
        var parameter = _directory.CreateBuilder().AddParameter("mode", () => $"{++calls}").Resource;
        Assert.Equal(("1", "1"), (await parameter.GetValueAsync(), await parameter.GetValueAsync()));
    }

    [Fact]
    public void ASecretIsNeverPublishedAsADefault()
    {
        var error = Assert.Throws<ArgumentException>(
            () => _directory.CreateBuilder().AddParameter("key", "value", publishValueAsDefault: true, secret: true));
        Assert.Contains("both secret and published", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigurationStandsAboveADefault()
    {
        var builder = _directory.CreateBuilder("--Parameters:key", "configured");
        Assert.Equal("configured", await builder.AddParameter("key", new GenerateParameterDefault()).Resource.GetValueAsync());
    }

    [Fact]
    public async Task AGeneratedValueStaysTheSameInOneRunAndDiffersFromOthers()
    {
        var (one, two) = (Generated(), Generated());
        Assert.Equal(await one.GetValueAsync(), await one.GetValueAsync());
        Assert.NotEqual(await one.GetValueAsync(), await two.GetValueAsync());

        ParameterResource Generated() => _directory.CreateBuilder().AddParameter("key", new GenerateParameterDefault()).Resource;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AGeneratedValueIsLongAndOfTheAllowedCharacters(bool special)
    {
        for (var i = 0; i < 200; i++)
        {
            var value = new GenerateParameterDefault { Special = special, MinSpecial = special ? 2 : 0, MinNumeric = 3 }.GetDefaultValue();
            Assert.Equal(22, value.Length);
            Assert.True(value.Count(char.IsAsciiDigit) >= 3, value);
            var others = value.Where(character => !char.IsAsciiLetterOrDigit(character)).ToList();
            Assert.True(special ? others.Count >= 2 && others.All("-_.{}~()*+!".Contains) : others.Count == 0, value);
            Assert.DoesNotContain(value, "ilo".Contains);
        }
    }

    [Fact]
    public void AGeneratedValueGrowsWithWhatItMustContain() =>
        Assert.Equal(30, new GenerateParameterDefault { MinLength = 10, MinLower = 15, MinUpper = 15 }.GetDefaultValue().Length);

    [Fact]
    public void AGeneratedValueCannotContainWhatItMayNot() =>
        Assert.Throws<DistributedApplicationException>(() => new GenerateParameterDefault { Upper = false, MinUpper = 1 }.GetDefaultValue());
}
