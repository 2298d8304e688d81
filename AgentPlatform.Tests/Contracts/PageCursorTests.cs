using System.Buffers.Text;
using AgentPlatform.Contracts;

namespace AgentPlatform.Tests.Contracts;

public sealed class PageCursorTests
{
    private static readonly PageCursor Cursor = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123456), Guid.CreateVersion7());

    [Fact]
    public void ACursorComesBackFromItsText()
    {
        Assert.True(PageCursor.TryParse(Cursor.ToString(), out var parsed));
        Assert.Equal(Cursor, parsed);
    }

    [Fact]
    public void ACursorIsSafeInAQueryString() => Assert.Equal(Cursor.ToString(), Uri.EscapeDataString(Cursor.ToString()));

    [Fact]
    public void OnlyWhatWasGivenOutIsTaken()
    {
        var text = Cursor.ToString();
        var bytes = Base64Url.DecodeFromChars(text);
        bytes[0] = 2;
        var otherVersion = Base64Url.EncodeToString(bytes);
        byte[] beforeTheFirstYear = [1, 0xff, .. bytes[2..]];

        Assert.All(
            [null, "", "x", text[..^1], text + "A", text[..^1] + "=", text[..^1] + " ", otherVersion, Base64Url.EncodeToString(beforeTheFirstYear)],
            (string? forged) => Assert.False(PageCursor.TryParse(forged, out _)));
    }
}
