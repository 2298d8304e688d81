namespace AgentPlatform.Contracts.Hosts;

/// <summary>
/// Addresses of the host API. A host is reached by the URL that it advertised when it enrolled, not by service discovery;
/// every call carries a service token for the audience <see cref="ServiceNames.Wsl2Host"/>.
/// </summary>
public static class HostRoutes
{
    /// <summary><c>GET</c>: <see cref="HostStatus"/>.</summary>
    public const string Host = "/api/v1/host";

    /// <summary><c>POST</c> <see cref="CreateInstanceRequest"/>, <c>GET</c> all as <see cref="HostInstance"/>.</summary>
    public const string Instances = "/api/v1/instances";

    /// <summary><c>GET</c>, or <c>DELETE</c> with the query <c>generation</c>: an instance that is gone already is gone, so a repeated call is answered alike.</summary>
    public static string Instance(InstanceId id) => $"{Instances}/{id}";

    /// <summary><c>POST</c> <see cref="RenewLeaseRequest"/>.</summary>
    public static string Lease(InstanceId id) => $"{Instances}/{id}/lease";

    /// <summary><c>POST</c> <see cref="StopInstanceRequest"/>: every command ends, the workspace stays until the instance is deleted.</summary>
    public static string StopInstance(InstanceId id) => $"{Instances}/{id}/stop";

    /// <summary><c>POST</c> <see cref="PrepareWorkspaceRequest"/>: fetch and check out.</summary>
    public static string Workspace(InstanceId id) => $"{Instances}/{id}/workspace";

    /// <summary><c>GET</c>: <see cref="WorkspaceDiff"/> of base...head, as it was checked out.</summary>
    public static string WorkspaceDiff(InstanceId id) => $"{Instances}/{id}/workspace/diff";

    /// <summary><c>GET</c> with the query <c>path</c>, below <see cref="InstancePaths.Workspace"/>: the bytes of a regular file; no link is followed. 413 beyond <see cref="HostLimits.FileBytesMax"/>.</summary>
    public static string WorkspaceFile(InstanceId id) => $"{Instances}/{id}/workspace/file";

    /// <summary><c>POST</c> <see cref="SetNetworkRequest"/>.</summary>
    public static string Network(InstanceId id) => $"{Instances}/{id}/network";

    /// <summary><c>POST</c> <see cref="StartCommandRequest"/>, <c>GET</c> all as <see cref="HostCommand"/>.</summary>
    public static string Commands(InstanceId id) => $"{Instances}/{id}/commands";

    /// <summary><c>GET</c>: <see cref="HostCommand"/>. The query <c>waitSeconds</c> (at most <see cref="HostLimits.WaitSecondsMax"/>) holds the answer back until the command has ended.</summary>
    public static string Command(InstanceId id, CommandId command) => $"{Commands(id)}/{command}";

    /// <summary>
    /// <c>GET</c> with the queries <c>offset</c>, <c>stream</c> (<c>stdout</c> or <c>stderr</c>), <c>bytesMax</c> and <c>follow</c>: bytes from that offset on,
    /// described by <see cref="HostHeaders"/>. With <c>follow=true</c> an empty page is held back until there is output, the command has ended, or
    /// <c>waitSeconds</c> have passed.
    /// </summary>
    public static string Output(InstanceId id, CommandId command) => $"{Command(id, command)}/output";

    /// <summary><c>POST</c> <see cref="WriteInputRequest"/>.</summary>
    public static string Input(InstanceId id, CommandId command) => $"{Command(id, command)}/input";

    /// <summary><c>POST</c> <see cref="SignalCommandRequest"/>.</summary>
    public static string Signal(InstanceId id, CommandId command) => $"{Command(id, command)}/signal";

    /// <summary><c>POST</c> <see cref="StopCommandRequest"/>.</summary>
    public static string StopCommand(InstanceId id, CommandId command) => $"{Command(id, command)}/stop";

    /// <summary>On Scheduler: <c>PUT</c> <see cref="HostEnrolment"/>, answered with <see cref="HostEnrolmentReply"/>. A host repeats it for as long as it lives; scope <see cref="Scopes.HostsEnrol"/>.</summary>
    public static string Enrolment(HostId id) => $"/internal/hosts/{id}";
}

/// <summary>Response headers of <see cref="HostRoutes.Output"/>.</summary>
public static class HostHeaders
{
    /// <summary>The offset to ask for next.</summary>
    public const string NextOffset = "X-AgentPlatform-Next-Offset";

    /// <summary><c>true</c> once the command has ended and the page reaches the end of its output: nothing will follow.</summary>
    public const string OutputEnd = "X-AgentPlatform-Output-End";

    /// <summary><c>true</c> if the command wrote more than its spool keeps. The bytes then hold a marker line between the kept beginning and the kept ending.</summary>
    public const string OutputTruncated = "X-AgentPlatform-Output-Truncated";
}

/// <summary>Limits of the host API.</summary>
public static class HostLimits
{
    /// <summary>Bytes in one page of output, and the default.</summary>
    public const int OutputPageBytesMax = 1024 * 1024;

    /// <summary>Bytes in one input write.</summary>
    public const int InputBytesMax = 1024 * 1024;

    /// <summary>The longest that a call is held back.</summary>
    public const int WaitSecondsMax = 30;

    /// <summary>Changed files that <see cref="WorkspaceView"/> lists. GitHub's own listing ends here too.</summary>
    public const int ChangedFilesMax = 3000;

    /// <summary>Bytes of a diff.</summary>
    public const int DiffBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of a file read from the workspace.</summary>
    public const int FileBytesMax = 4 * 1024 * 1024;

    /// <summary>Arguments of a command, and their bytes together.</summary>
    public const int ArgumentsMax = 1024;

    /// <summary>Bytes of all arguments and environment values of a command together.</summary>
    public const int CommandBytesMax = 256 * 1024;
}

/// <summary>Where things are inside every instance.</summary>
public static class InstancePaths
{
    /// <summary>The checked out repository: the working directory of commands.</summary>
    public const string Workspace = "/workspace";

    /// <summary>The home directory, empty at first.</summary>
    public const string Home = "/home/agent";

    /// <summary>The directory of the doors. It is bound as a directory, so that it outlives a restart of the host.</summary>
    public const string Doors = "/run/agentplatform";

    /// <summary>The model door as a Unix socket: HTTP, for <c>ANTHROPIC_UNIX_SOCKET</c>.</summary>
    public const string ModelSocket = "/run/agentplatform/model.sock";

    /// <summary>The model door as an address on the instance's own loopback, for agents that take no Unix socket.</summary>
    public const string ModelUrl = "http://127.0.0.1:8321";

    /// <summary>The registry door while the network phase is <see cref="NetworkPhase.Setup"/>. Commands started then find it in <c>HTTP_PROXY</c> and <c>HTTPS_PROXY</c>.</summary>
    public const string RegistryProxyUrl = "http://127.0.0.1:3128";

    /// <summary>Where, in the workspace, the pull request's copies of agent configuration files lie, inert.</summary>
    public const string PullRequestConfiguration = ".agentplatform/pr-config";
}
