using System.Text.Json.Serialization;

namespace Services.Scheduler.Hosts;

[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class HostsRegistryJsonContext : JsonSerializerContext;
