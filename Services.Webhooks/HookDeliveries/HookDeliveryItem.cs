using System.Text.Json.Serialization;

namespace Services.Webhooks.HookDeliveries;

/// <summary>An attempt at a delivery, as GitHub lists it. Redeliveries have ids of their own and the first one's GUID.</summary>
internal sealed record HookDeliveryItem(long Id, Guid Guid, DateTimeOffset DeliveredAt, string Status, string Event);

/// <summary>A page of the list, newest first.</summary>
/// <param name="Items">The attempts; null if nothing has changed since the ETag.</param>
/// <param name="Next">The cursor of the next page.</param>
/// <param name="Etag">What to ask with next time.</param>
internal sealed record HookDeliveryPage(IReadOnlyList<HookDeliveryItem>? Items, string? Next, string? Etag);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<HookDeliveryItem>))]
internal sealed partial class HookDeliveryJsonContext : JsonSerializerContext;
