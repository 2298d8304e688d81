using System.Text;

namespace Aspire.Hosting.Projects;

/// <summary>Takes the text of a command line apart as a shell would: blanks separate, double quotes hold together, a backslash keeps a quote.</summary>
internal static class CommandLineText
{
    public static IEnumerable<string> Split(string text)
    {
        var argument = new StringBuilder();
        var (isOpen, isQuoted) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length && text[i + 1] == '"':
                    argument.Append(text[++i]);
                    isOpen = true;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    isOpen = true;
                    break;
                case var blank when char.IsWhiteSpace(blank) && !isQuoted:
                    if (isOpen)
                    {
                        yield return argument.ToString();
                        argument.Clear();
                    }

                    isOpen = false;
                    break;
                case var character:
                    argument.Append(character);
                    isOpen = true;
                    break;
            }
        }

        if (isOpen)
        {
            yield return argument.ToString();
        }
    }
}
