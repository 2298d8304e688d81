namespace AgentPlatform.Provisioning;

/// <summary>Provisioning cannot go on. The message is one line for the person who runs it, without any secret.</summary>
internal sealed class ProvisioningException(string message, Exception? inner = null) : Exception(message, inner);
