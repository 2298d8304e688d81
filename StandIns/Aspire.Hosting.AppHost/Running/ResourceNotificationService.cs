namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of the resources.</summary>
public sealed class ResourceNotificationService;

/// <summary>The commands of the resources.</summary>
public sealed class ResourceCommandService;
