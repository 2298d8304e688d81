namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>The machine's programs that this driver starts. They are named in full, so that no search path decides what runs as root.</summary>
internal static class LinuxPrograms
{
    public const string Shell = "/bin/sh";
    public const string SetPrivileges = "/usr/bin/setpriv";
    public const string Bubblewrap = "/usr/bin/bwrap";
    public const string Unshare = "/usr/bin/unshare";
    public const string Mount = "/usr/bin/mount";
    public const string Git = "/usr/bin/git";
}
