using System.ComponentModel.DataAnnotations;

namespace Services.Wsl2Host.Hosting;

/// <summary>How this host is set up. Section <c>Wsl2Host</c>.</summary>
internal sealed class Wsl2HostOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Wsl2Host";

    /// <summary>What is kept over restarts of the machine: the host's id, mirrors, checkouts, output. One host at a time uses it.</summary>
    [Required]
    public string StateDirectory { get; set; } = "/var/lib/agentplatform/wsl2host";

    /// <summary>What is kept until the machine restarts: handles, sockets, mount points. Empty for a directory in memory named after the state directory.</summary>
    public string RuntimeDirectory { get; set; } = "";

    /// <summary>The driver: <c>linux</c> or <c>scripted</c>.</summary>
    [Required]
    public string Driver { get; set; } = "linux";

    /// <summary>Instances at the same time. The seed's name for it is <c>WSL2_MAX_INSTANCES</c>.</summary>
    [Range(1, 1000)]
    public int MaxInstances { get; set; } = 5;

    /// <summary>How long an instance may live when nobody says. The seed's name for it is <c>WSL2_INSTANCE_TIMEOUT</c>, in milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan InstanceLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest that an instance can ask for.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00")]
    public TimeSpan InstanceLifeMax { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a command has to end by itself when nobody says.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether everything ends with this process, as it should on a developer's machine. Otherwise commands outlive it.</summary>
    public bool Lifeline { get; set; }

    /// <summary>
    /// With <see cref="Lifeline"/>: a file that somebody else, such as an app host, keeps locked (<c>flock</c>) for as long as he lives. Then everything
    /// ends with him, and commands outlive this process as long as he is there. Hosts of several of them on one machine each take the next free state
    /// directory: the configured one, and beside it those with <c>-2</c>, <c>-3</c> and so on behind their name, which are removed at the end.
    /// </summary>
    public string LifelineFile { get; set; } = "";

    /// <summary>What an instance gets when nobody says.</summary>
    [Required]
    public InstanceShare Default { get; set; } = new();

    /// <summary>The most that an instance can ask for.</summary>
    [Required]
    public InstanceShare Max { get; set; } = new() { MemoryBytes = 64L << 30, CpuMillis = 64_000, ProcessesMax = 32_768, DiskBytes = 64L << 30 };

    /// <summary>
    /// Whether the kernel is told to favour quick moves into control groups (the mount option <c>favordynmods</c> of cgroup version 2, from Linux 6.0 on), without
    /// which each command starts some ten milliseconds later. It holds for the whole machine and until it restarts; forks cost a little more then.
    /// </summary>
    public bool QuickCgroupMoves { get; set; } = true;

    /// <summary>Commands of one instance, ended ones included.</summary>
    [Range(1, 10_000)]
    public int CommandsPerInstanceMax { get; set; } = 256;

    /// <summary>The least that is kept of the beginning of a stream.</summary>
    public const long OutputBytesMin = 4096;

    /// <summary>Bytes kept of the beginning of a stream when nobody says.</summary>
    [Range(OutputBytesMin, 1L << 30)]
    public long OutputHeadBytes { get; set; } = 8L << 20;

    /// <summary>The most that a command can ask for.</summary>
    [Range(OutputBytesMin, 1L << 30)]
    public long OutputHeadBytesMax { get; set; } = 64L << 20;

    /// <summary>Bytes kept of the end of a stream that is longer.</summary>
    [Range(OutputBytesMin, 16L << 20)]
    public long OutputTailBytes { get; set; } = 256L << 10;

    /// <summary>The first user id that this host gives to instances. The one itself runs git.</summary>
    [Range(1000, 2_000_000_000)]
    public int UserIdFirst { get; set; } = 20_000;

    /// <summary>How many user ids there are.</summary>
    [Range(2, 1_000_000)]
    public int UserIdCount { get; set; } = 10_000;

    /// <summary>The control group below which all of this host's lie.</summary>
    [Required, RegularExpression("^[a-z0-9][a-z0-9._-]{0,63}$")]
    public string CgroupParent { get; set; } = "agentplatform";

    /// <summary>Directories of this machine that every instance sees, read-only and under the same name, beside <c>/usr</c>: toolchains, agent programs.</summary>
    public IList<string> ReadOnlyPaths { get; } = [];

    /// <summary>Directories that come first in every command's <c>PATH</c>.</summary>
    public IList<string> ProgramPaths { get; } = [];

    /// <summary>
    /// Registry host names whose addresses may be private, such as a mirror inside the company's network. All others must resolve to public addresses.
    /// </summary>
    public IList<string> PrivateRegistries { get; } = [];

    /// <summary>Repositories whose mirrors are kept; beyond that the one that was used longest ago goes.</summary>
    [Range(1, 100_000)]
    public int MirrorsMax { get; set; } = 200;

    /// <summary>Checkouts that are kept; beyond that the one that was used longest ago goes.</summary>
    [Range(1, 10_000)]
    public int CheckoutsMax { get; set; } = 64;

    /// <summary>Bytes of all checkouts together.</summary>
    [Range(1L << 20, 1L << 44)]
    public long CheckoutsBytesMax { get; set; } = 20L << 30;

    /// <summary>Bytes of one checkout, and of one file that git writes while it fetches.</summary>
    [Range(1L << 20, 1L << 42)]
    public long RepositoryBytesMax { get; set; } = 4L << 30;

    /// <summary>Files of one checkout.</summary>
    [Range(1, 100_000_000)]
    public int RepositoryFilesMax { get; set; } = 500_000;

    /// <summary>How long one fetch or one checkout may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan GitTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long something may be without an owner before it is removed.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ReapGrace { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often what has no owner is looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReapInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether what has no owner is only reported.</summary>
    public bool ReapDryRun { get; set; }

    /// <summary>Where Scheduler and Sessions reach this host. Null for the address that it listens on, which is right on a developer's machine only.</summary>
    public Uri? AdvertisedUrl { get; set; }

    /// <summary>The host's name for people; empty for the machine's.</summary>
    [StringLength(100)]
    public string Name { get; set; } = "";

    /// <summary>What placement may ask for, beside <c>os</c> and <c>arch</c>.</summary>
    public Dictionary<string, string> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>How long after a failed enrolment it is tried again: doubled each time, from this on.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan EnrolmentRetry { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The forges that may be fetched from, by their names. <c>github.com</c> is known without being named. A name has no colon, for configuration's sake;
    /// the address may have a port.
    /// </summary>
    public Dictionary<string, ForgeOptions> Forges { get; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A forge.</summary>
internal sealed class ForgeOptions
{
    /// <summary>What <c>/owner/name.git</c> is appended to.</summary>
    [Required]
    public Uri? GitUrl { get; set; }
}

/// <summary>What an instance may use.</summary>
internal sealed class InstanceShare
{
    /// <summary>Memory of everything in it, its disk included.</summary>
    [Range(16L << 20, 1L << 42)]
    public long MemoryBytes { get; set; } = 4L << 30;

    /// <summary>Thousandths of one processor.</summary>
    [Range(10, 1_024_000)]
    public int CpuMillis { get; set; } = 2000;

    /// <summary>Processes and threads.</summary>
    [Range(16, 1_000_000)]
    public int ProcessesMax { get; set; } = 2048;

    /// <summary>Workspace changes, home and temporary files together.</summary>
    [Range(1L << 20, 1L << 42)]
    public long DiskBytes { get; set; } = 2L << 30;
}
