using System.Runtime.InteropServices;

namespace Services.Wsl2Host.Drivers.Linux.Seccomp;

/// <summary>The numbers of the system calls that the filter names, for one architecture. 0 stands for a call that the architecture does not have.</summary>
/// <param name="Architecture">The kernel's name for it (<c>AUDIT_ARCH_…</c>).</param>
/// <param name="HasX32">Whether a second set of numbers exists, which must not be a way around.</param>
/// <param name="Socket"><c>socket</c>.</param>
/// <param name="SocketPair"><c>socketpair</c>.</param>
/// <param name="Control"><c>ioctl</c>.</param>
/// <param name="CloneProcess"><c>clone</c>.</param>
/// <param name="Denied">Calls that are refused as not permitted.</param>
internal sealed record SystemCalls(uint Architecture, bool HasX32, uint Socket, uint SocketPair, uint Control, uint CloneProcess, IReadOnlyList<uint> Denied)
{
    /// <summary><c>clone3</c>: its flags lie in memory, where a filter cannot look.</summary>
    public const uint Clone3 = 435;

    /// <summary><c>io_uring_setup</c>, <c>_enter</c>, <c>_register</c>: a second way to nearly every call, past the filter.</summary>
    public static IReadOnlyList<uint> IoRing { get; } = [425, 426, 427];

    /// <summary>The calls that have one number everywhere: mounting by descriptors, <c>pidfd_getfd</c>, <c>process_madvise</c>, <c>mount_setattr</c>, <c>quotactl_fd</c>.</summary>
    private static readonly uint[] DeniedEverywhere = [428, 429, 430, 431, 432, 433, 438, 440, 442, 443];

    /// <summary>x86-64.</summary>
    public static SystemCalls X64 { get; } = new(
        0xC000003E,
        HasX32: true,
        Socket: 41,
        SocketPair: 53,
        Control: 16,
        CloneProcess: 56,
        [
            165, 166, 155, 161, 272, 308, // mount, umount2, pivot_root, chroot, unshare, setns
            101, 310, 311, 312, 321, 298, // ptrace, process_vm_readv, process_vm_writev, kcmp, bpf, perf_event_open
            248, 249, 250, 323, 303, 304, // add_key, request_key, keyctl, userfaultfd, name_to_handle_at, open_by_handle_at
            175, 313, 176, 246, 320, 169, // init_module, finit_module, delete_module, kexec_load, kexec_file_load, reboot
            167, 168, 163, 179, 180, 300, // swapon, swapoff, acct, quotactl, nfsservctl, fanotify_init
            164, 227, 159, 305, 170, 171, // settimeofday, clock_settime, adjtimex, clock_adjtime, sethostname, setdomainname
            103, 153, 172, 173, 154, 134, // syslog, vhangup, iopl, ioperm, modify_ldt, uselib
            136, 139, 212, 135, 256, 279, // ustat, sysfs, lookup_dcookie, personality, migrate_pages, move_pages
            .. DeniedEverywhere,
        ]);

    /// <summary>arm64.</summary>
    public static SystemCalls Arm64 { get; } = new(
        0xC00000B7,
        HasX32: false,
        Socket: 198,
        SocketPair: 199,
        Control: 29,
        CloneProcess: 220,
        [
            40, 39, 41, 51, 97, 268, // mount, umount2, pivot_root, chroot, unshare, setns
            117, 270, 271, 272, 280, 241, // ptrace, process_vm_readv, process_vm_writev, kcmp, bpf, perf_event_open
            217, 218, 219, 282, 264, 265, // add_key, request_key, keyctl, userfaultfd, name_to_handle_at, open_by_handle_at
            105, 273, 106, 104, 294, 142, // init_module, finit_module, delete_module, kexec_load, kexec_file_load, reboot
            224, 225, 89, 60, 42, 262, // swapon, swapoff, acct, quotactl, nfsservctl, fanotify_init
            170, 112, 171, 266, 161, 162, // settimeofday, clock_settime, adjtimex, clock_adjtime, sethostname, setdomainname
            116, 58, 18, 92, 238, 239, // syslog, vhangup, lookup_dcookie, personality, migrate_pages, move_pages
            .. DeniedEverywhere,
        ]);

    /// <summary>Those of an architecture; null for one that has none here.</summary>
    public static SystemCalls? For(Architecture architecture) => architecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => X64,
        System.Runtime.InteropServices.Architecture.Arm64 => Arm64,
        _ => null,
    };
}
