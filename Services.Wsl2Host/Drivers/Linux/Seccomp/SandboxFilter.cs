namespace Services.Wsl2Host.Drivers.Linux.Seccomp;

/// <summary>
/// The filter that every process of an instance runs under. Namespaces and lost privileges do most of the work; it closes what they leave open:
/// large and young parts of the kernel, new namespaces (in which a process is root again), and socket families that no network namespace holds back.
/// </summary>
internal static class SandboxFilter
{
    private const uint X32Bit = 0x40000000;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private const uint NamespaceFlags = 0x7E020000;

    // Typing into the controlling terminal (TIOCSTI), and the console's own way to do so (TIOCLINUX).
    private const uint TerminalInput = 0x5412;
    private const uint ConsoleControl = 0x541C;

    // AF_UNIX, AF_INET, AF_INET6. The rest is refused; AF_VSOCK above all, because it reaches the hypervisor from any network namespace.
    private static readonly uint[] AllowedFamilies = [1, 2, 10];

    /// <summary>The program for an architecture.</summary>
    public static byte[] Assemble(SystemCalls calls)
    {
        var program = new BpfProgram()
            .LoadArchitecture()
            .AnswerUnlessEqual(calls.Architecture, SeccompAnswer.KillProcess)
            .LoadNumber();
        if (calls.HasX32)
        {
            program.AnswerIfAtLeast(X32Bit, SeccompAnswer.NotPermitted);
        }

        program
            .ForCall(calls.Socket, CheckFamily)
            .ForCall(calls.SocketPair, CheckFamily)
            .ForCall(calls.CloneProcess, part => part.LoadArgument(0).AnswerIfAnyBit(NamespaceFlags, SeccompAnswer.NotPermitted).Answer(SeccompAnswer.Allow))
            .ForCall(calls.Control, part => part
                .LoadArgument(1)
                .AnswerIfEqual(TerminalInput, SeccompAnswer.NotPermitted)
                .AnswerIfEqual(ConsoleControl, SeccompAnswer.NotPermitted)
                .Answer(SeccompAnswer.Allow))
            .AnswerIfEqual(SystemCalls.Clone3, SeccompAnswer.NotImplemented);
        foreach (var number in SystemCalls.IoRing)
        {
            program.AnswerIfEqual(number, SeccompAnswer.NotImplemented);
        }

        foreach (var number in calls.Denied)
        {
            program.AnswerIfEqual(number, SeccompAnswer.NotPermitted);
        }

        return program.Answer(SeccompAnswer.Allow).ToArray();
    }

    private static void CheckFamily(BpfProgram part)
    {
        part.LoadArgument(0);
        foreach (var family in AllowedFamilies)
        {
            part.AnswerIfEqual(family, SeccompAnswer.Allow);
        }

        part.Answer(SeccompAnswer.FamilyNotSupported);
    }
}
