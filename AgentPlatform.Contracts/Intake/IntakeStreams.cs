namespace AgentPlatform.Contracts;

/// <summary>The two streams between intake and scheduling, and the kinds of entry on them.</summary>
public static class IntakeStreams
{
    /// <summary>Deliveries to look at, from Webhooks to Scheduler. Entries are <see cref="DeliveryReceived"/>.</summary>
    public const string Intake = "intake";

    /// <summary>What became of them, from Scheduler to Webhooks. Entries are <see cref="DeliveryAcknowledgement"/>.</summary>
    public const string Acknowledgements = "intake-acks";

    /// <summary>The envelope kind of <see cref="DeliveryReceived"/>. The envelope's generation is the delivery's attempt.</summary>
    public const string DeliveryKind = "github.delivery";

    /// <summary>The envelope kind of <see cref="DeliveryAcknowledgement"/>.</summary>
    public const string AcknowledgementKind = "github.delivery.acknowledged";
}
