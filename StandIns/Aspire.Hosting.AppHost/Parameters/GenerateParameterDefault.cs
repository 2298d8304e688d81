using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Generates a random value, such as a password.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    /// <summary>Fewest characters of a generated value; 22 alphanumeric ones carry 128 bits.</summary>
    internal const int DefaultMinLength = 22;

    /// <summary>Fewest characters of the value.</summary>
    public int MinLength { get; set; } = DefaultMinLength;

    /// <summary>Whether lower case letters may be used.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper case letters may be used.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits may be used.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether the characters <c>-_.{}~()*+!</c> may be used.</summary>
    public bool Special { get; set; } = true;

    /// <summary>Fewest lower case letters.</summary>
    public int MinLower { get; set; }

    /// <summary>Fewest upper case letters.</summary>
    public int MinUpper { get; set; }

    /// <summary>Fewest digits.</summary>
    public int MinNumeric { get; set; }

    /// <summary>Fewest special characters.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override string GetDefaultValue() => PasswordGenerator.Generate(this);

    internal override void WriteToManifest(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("generate");
        writer.WriteNumber("minLength", MinLength);
        WriteSwitch(writer, "lower", Lower);
        WriteSwitch(writer, "upper", Upper);
        WriteSwitch(writer, "numeric", Numeric);
        WriteSwitch(writer, "special", Special);
        WriteMinimum(writer, "minLower", MinLower);
        WriteMinimum(writer, "minUpper", MinUpper);
        WriteMinimum(writer, "minNumeric", MinNumeric);
        WriteMinimum(writer, "minSpecial", MinSpecial);
        writer.WriteEndObject();
    }

    private static void WriteSwitch(Utf8JsonWriter writer, string name, bool value)
    {
        if (!value)
        {
            writer.WriteBoolean(name, value);
        }
    }

    private static void WriteMinimum(Utf8JsonWriter writer, string name, int value)
    {
        if (value > 0)
        {
            writer.WriteNumber(name, value);
        }
    }
}
