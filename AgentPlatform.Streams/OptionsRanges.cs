using System.ComponentModel.DataAnnotations;

namespace AgentPlatform.Streams;

/// <summary>Reports every annotation that an options object breaks, each with the key to set.</summary>
internal static class OptionsRanges
{
    public static void Check(object options, string section, List<string> failures)
    {
        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
        {
            failures.AddRange(results.Select(result => $"{section}:{result.MemberNames.FirstOrDefault()}: {result.ErrorMessage}"));
        }
    }
}
