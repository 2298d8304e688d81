namespace Aspire.Hosting.References;

internal static class VariableName
{
    /// <summary>Makes a part of a variable's name of any text: underscores stand for what is neither letter nor digit.</summary>
    public static string Encode(string text)
    {
        var encoded = string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
            }
        });
        return encoded is [>= '0' and <= '9', ..] ? "_" + encoded : encoded;
    }
}
