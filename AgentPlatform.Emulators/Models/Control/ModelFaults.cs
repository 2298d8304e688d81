using System.Text.Json.Serialization;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models.Control;

/// <summary>What goes wrong with the next calls of a model API.</summary>
/// <param name="Api"><c>anthropic</c> or <c>openai</c>; both when absent.</param>
/// <param name="Status">The error status, for <see cref="ModelFaultKind.Status"/>; 529 is "overloaded".</param>
/// <param name="Seconds">How long a stall is, or the pause before each piece of a slow answer.</param>
/// <param name="Times">How many calls it meets.</param>
internal sealed record ModelFault(ModelFaultKind Kind, string? Api = null, int? Status = null, double? Seconds = null, int Times = 1);

[JsonConverter(typeof(JsonStringEnumConverter<ModelFaultKind>))]
internal enum ModelFaultKind
{
    /// <summary>An error status in place of the answer.</summary>
    Status,

    /// <summary>The connection breaks in the middle of the answer.</summary>
    Cut,

    /// <summary>Silence before the first byte.</summary>
    Stall,

    /// <summary>A pause before each piece of text.</summary>
    Slow,
}

/// <summary>Faults that were asked for and have not happened yet.</summary>
internal sealed class ModelFaults
{
    private const int FaultsMax = 100;
    private readonly Lock _gate = new();
    private readonly List<(ModelFault Fault, int Left)> _faults = [];

    /// <summary>False when there are too many already.</summary>
    public bool Add(ModelFault fault)
    {
        lock (_gate)
        {
            if (_faults.Count >= FaultsMax)
            {
                return false;
            }

            _faults.Add((fault, fault.Times));
            return true;
        }
    }

    /// <summary>How the next answer of this API is to be given, used up by asking; null for as usual.</summary>
    public Manner? Take(string api)
    {
        lock (_gate)
        {
            var index = _faults.FindIndex(entry => entry.Fault.Api is null || entry.Fault.Api == api);
            if (index < 0)
            {
                return null;
            }

            var (fault, left) = _faults[index];
            if (left > 1)
            {
                _faults[index] = (fault, left - 1);
            }
            else
            {
                _faults.RemoveAt(index);
            }

            var seconds = TimeSpan.FromSeconds(fault.Seconds ?? 1);
            return fault.Kind switch
            {
                ModelFaultKind.Status => new Manner(Status: fault.Status ?? 529),
                ModelFaultKind.Cut => new Manner(Cut: true),
                ModelFaultKind.Stall => new Manner(Stall: seconds),
                _ => new Manner(PerPiece: seconds),
            };
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }
}
