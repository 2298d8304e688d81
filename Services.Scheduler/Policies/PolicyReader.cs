using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Services.Scheduler.Policies;

/// <summary>What reading a policy file came to: a policy, or every fault found in it.</summary>
internal sealed record PolicyReading(Policy? Policy, IReadOnlyList<string> Errors);

/// <summary>
/// Reads <c>.agentplatform.yml</c>. The text comes from a repository, so it is bounded, aliases (which multiply) are refused, and a key
/// that is not known is an error rather than a wish that nobody heard.
/// </summary>
internal static partial class PolicyReader
{
    public const int CharactersMax = 64 * 1024;
    public const int WorkflowsMax = 20;
    public const int StepsMax = 50;
    public const int RegistriesMax = 200;
    private const int CommandMax = 16 * 1024;
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(24);

    public static PolicyReading Read(string? yaml)
    {
        if (yaml is null)
        {
            return new PolicyReading(Policy.Default, []);
        }

        if (yaml.Length > CharactersMax)
        {
            return Failed($"the file is longer than {CharactersMax} characters");
        }

        try
        {
            if (HasAlias(yaml))
            {
                return Failed("aliases (&name, *name) are not taken");
            }

            var deserializer = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build();
            return Check(deserializer.Deserialize<PolicyFile?>(yaml) ?? new PolicyFile());
        }
        catch (YamlException error)
        {
            return Failed($"line {error.Start.Line}: {(error.InnerException ?? error).Message}");
        }
    }

    private static PolicyReading Check(PolicyFile file)
    {
        var errors = new List<string>();
        if (file.Version is not 1)
        {
            errors.Add("version: must be 1");
        }

        var forks = OneOf("trust.forks", file.Trust?.Forks, ForkTrust.Approve, errors);
        if (file.Steps is { Count: 0 })
        {
            errors.Add("steps: at least one; only a workflow with a name of its own may be empty");
        }

        var sections = file.Workflows ?? [];
        if (file.Steps is not null && !sections.TryAdd("default", new WorkflowSection { Steps = file.Steps }))
        {
            errors.Add("steps: the file also has a workflow named default; keep one of them");
        }

        if (sections.Count is 0 or > WorkflowsMax)
        {
            errors.Add($"workflows: between 1 and {WorkflowsMax}, or steps at the top level");
        }

        var workflows = sections.Take(WorkflowsMax).Select(pair => CheckWorkflow(pair.Key, pair.Value ?? new WorkflowSection(), errors)).ToList();
        return errors.Count > 0 ? new PolicyReading(null, errors) : new PolicyReading(new Policy(workflows, file.Triggers?.Drafts ?? false, forks), []);
    }

    private static Workflow CheckWorkflow(string name, WorkflowSection section, List<string> errors)
    {
        var at = $"workflows.{name}";
        CheckName(at, name, errors);
        var steps = (section.Steps ?? []).Take(StepsMax + 1).ToList();
        if (section.Steps is null || steps.Count > StepsMax)
        {
            errors.Add($"{at}.steps: a list of at most {StepsMax}; an empty one is a workflow that does nothing but report");
        }

        var read = steps.Select((step, index) => CheckStep($"{at}.steps[{index}]", step ?? new StepSection(), errors)).ToList();
        foreach (var twice in read.GroupBy(step => step.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            errors.Add($"{at}.steps: two are named {twice.Key}");
        }

        if (read.SkipWhile(step => step.Kind == StepKind.Setup).Any(step => step.Kind == StepKind.Setup))
        {
            errors.Add($"{at}.steps: setup steps come before all others, since the network closes behind them");
        }

        var registries = section.Network?.Allow ?? [];
        if (registries.Count > RegistriesMax)
        {
            errors.Add($"{at}.network.allow: at most {RegistriesMax} hosts");
        }

        errors.AddRange(registries.Where(host => !HostPattern().IsMatch(host)).Select(host => $"{at}.network.allow: {host} is not a host name"));
        var total = Duration($"{at}.timeout", section.Timeout, WorkflowLimits.Default.Total, errors);
        return new Workflow(name, read, registries, Limits(at, section.Limits, total, errors), OneOf($"{at}.priority", section.Priority, Priority.Normal, errors));
    }

    private static WorkflowLimits Limits(string at, LimitsSection? section, TimeSpan total, List<string> errors)
    {
        var limits = WorkflowLimits.Default;
        return new WorkflowLimits(
            total,
            Bounded($"{at}.limits.memory_mb", section?.MemoryMb, limits.MemoryMegabytes, 64, 262_144, errors),
            Bounded($"{at}.limits.processes", section?.Processes, limits.ProcessesMax, 16, 65_536, errors),
            Bounded($"{at}.limits.disk_mb", section?.DiskMb, limits.DiskMegabytes, 16, 1_048_576, errors),
            Bounded($"{at}.limits.cpus", section?.Cpus, limits.Cpus, 0.1, 256, errors));
    }

    private static Step CheckStep(string at, StepSection section, List<string> errors)
    {
        var name = section.Name ?? string.Empty;
        CheckName($"{at}.name", name, errors);
        if ((section.Run is null) == (section.Agent is null))
        {
            errors.Add($"{at}: has either run or agent");
        }

        if (section.Run is { Length: 0 or > CommandMax })
        {
            errors.Add($"{at}.run: between 1 and {CommandMax} characters");
        }

        if (section is { Setup: true, Agent: not null })
        {
            errors.Add($"{at}.setup: an agent never has the network open");
        }

        if (section.Agent?.Kind is { } agentKind && agentKind != AgentSettings.Default.Kind)
        {
            errors.Add($"{at}.agent.kind: {AgentSettings.Default.Kind}; no other agent holds reviews yet");
        }

        if (section.Agent?.Model is { } model && !ModelPattern().IsMatch(model))
        {
            errors.Add($"{at}.agent.model: a model's name, up to 200 letters, digits and . _ : / @ -, beginning with a letter or digit");
        }

        var kind = section.Agent is not null ? StepKind.Review : section.Setup is true ? StepKind.Setup : StepKind.Command;
        var agent = section.Agent is null ? null : new AgentSettings(
            section.Agent.Kind ?? AgentSettings.Default.Kind,
            section.Agent.Model,
            Bounded($"{at}.agent.max_turns", section.Agent.MaxTurns, AgentSettings.Default.TurnsMax, 1, 500, errors));
        return new Step(name, kind, section.Run, agent, Duration($"{at}.timeout", section.Timeout, Step.DefaultTimeout, errors), section.AllowFailure ?? false);
    }

    private static void CheckName(string at, string name, List<string> errors)
    {
        if (!NamePattern().IsMatch(name))
        {
            errors.Add($"{at}: 1 to 40 of a-z, 0-9, - and _, beginning with a letter");
        }
    }

    private static T OneOf<T>(string at, string? text, T fallback, List<string> errors)
        where T : struct, Enum
    {
        if (text is null)
        {
            return fallback;
        }

        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && !char.IsAsciiDigit(text[0]) && Enum.IsDefined(value))
        {
            return value;
        }

        errors.Add($"{at}: one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
        return fallback;
    }

    private static T Bounded<T>(string at, T? value, T fallback, T least, T most, List<string> errors)
        where T : struct, IComparable<T>, IFormattable
    {
        if (value is not { } given)
        {
            return fallback;
        }

        if (given.CompareTo(least) >= 0 && given.CompareTo(most) <= 0)
        {
            return given;
        }

        errors.Add(string.Create(CultureInfo.InvariantCulture, $"{at}: between {least} and {most}"));
        return fallback;
    }

    private static TimeSpan Duration(string at, string? text, TimeSpan fallback, List<string> errors)
    {
        if (text is null)
        {
            return fallback;
        }

        var match = DurationPattern().Match(text);
        if (match.Success && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var number and > 0)
        {
            var span = match.Groups[2].Value switch { "s" => TimeSpan.FromSeconds(number), "m" => TimeSpan.FromMinutes(number), _ => TimeSpan.FromHours(number) };
            if (span <= TimeoutMax)
            {
                return span;
            }
        }

        errors.Add($"{at}: a number with s, m or h, at most {TimeoutMax.TotalHours:0}h");
        return fallback;
    }

    private static bool HasAlias(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        while (parser.MoveNext())
        {
            if (parser.Current is AnchorAlias)
            {
                return true;
            }
        }

        return false;
    }

    private static PolicyReading Failed(string error) => new(null, [error]);

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern();

    // It becomes an argument of the agent's program: never one that could be an option.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ModelPattern();

    [GeneratedRegex("^([0-9]{1,6})([smh])$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationPattern();
}
