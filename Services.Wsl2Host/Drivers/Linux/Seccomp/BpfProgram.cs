using System.Buffers.Binary;

namespace Services.Wsl2Host.Drivers.Linux.Seccomp;

/// <summary>
/// Assembles the classic BPF that seccomp takes. Every check is "if this value, answer so, else go on", so that jumps never reach far.
/// Offsets are those of <c>struct seccomp_data</c> on a little-endian machine.
/// </summary>
internal sealed class BpfProgram
{
    private const int InstructionBytes = 8;
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint ArgumentsOffset = 16;
    private const ushort LoadWord = 0x20;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfSet = 0x45;
    private const ushort Return = 0x06;

    private readonly List<Instruction> _instructions = [];

    /// <summary>Loads the architecture that the call was made for.</summary>
    public BpfProgram LoadArchitecture() => Add(LoadWord, ArchitectureOffset);

    /// <summary>Loads the number of the call.</summary>
    public BpfProgram LoadNumber() => Add(LoadWord, NumberOffset);

    /// <summary>Loads the lower half of an argument. The kernel ignores the upper half of those that are checked here.</summary>
    public BpfProgram LoadArgument(int index) => Add(LoadWord, ArgumentsOffset + ((uint)index * 8));

    /// <summary>Keeps only some bits of what is loaded.</summary>
    public BpfProgram Mask(uint bits) => Add(And, bits);

    /// <summary>Ends with an answer if the loaded value is this one.</summary>
    public BpfProgram AnswerIfEqual(uint value, SeccompAnswer answer) => Add(JumpIfEqual, value, 0, 1).Answer(answer);

    /// <summary>Ends with an answer if the loaded value is not this one.</summary>
    public BpfProgram AnswerUnlessEqual(uint value, SeccompAnswer answer) => Add(JumpIfEqual, value, 1, 0).Answer(answer);

    /// <summary>Ends with an answer if the loaded value is this one or more.</summary>
    public BpfProgram AnswerIfAtLeast(uint value, SeccompAnswer answer) => Add(JumpIfAtLeast, value, 0, 1).Answer(answer);

    /// <summary>Ends with an answer if the loaded value has any of these bits.</summary>
    public BpfProgram AnswerIfAnyBit(uint bits, SeccompAnswer answer) => Add(JumpIfSet, bits, 0, 1).Answer(answer);

    /// <summary>Ends with an answer.</summary>
    public BpfProgram Answer(SeccompAnswer answer) => Add(Return, answer.Value);

    /// <summary>Adds a part that runs only for one call. The part must end with an answer.</summary>
    public BpfProgram ForCall(uint number, Action<BpfProgram> part)
    {
        var body = new BpfProgram();
        part(body);
        Add(JumpIfEqual, number, 0, checked((byte)body._instructions.Count));
        _instructions.AddRange(body._instructions);
        return this;
    }

    /// <summary>The program as the kernel reads it.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[_instructions.Count * InstructionBytes];
        for (var i = 0; i < _instructions.Count; i++)
        {
            var at = bytes.AsSpan(i * InstructionBytes);
            BinaryPrimitives.WriteUInt16LittleEndian(at, _instructions[i].Code);
            at[2] = _instructions[i].JumpTrue;
            at[3] = _instructions[i].JumpFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], _instructions[i].Value);
        }

        return bytes;
    }

    private BpfProgram Add(ushort code, uint value, byte jumpTrue = 0, byte jumpFalse = 0)
    {
        _instructions.Add(new Instruction(code, jumpTrue, jumpFalse, value));
        return this;
    }

    private readonly record struct Instruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value);
}

/// <summary>What the kernel does with a call.</summary>
/// <param name="Value">The kernel's own number for it.</param>
internal readonly record struct SeccompAnswer(uint Value)
{
    /// <summary>Lets it through.</summary>
    public static SeccompAnswer Allow { get; } = new(0x7FFF0000);

    /// <summary>Ends the process.</summary>
    public static SeccompAnswer KillProcess { get; } = new(0x80000000);

    /// <summary>Refuses: not permitted.</summary>
    public static SeccompAnswer NotPermitted { get; } = Error(1);

    /// <summary>Refuses as an old kernel would, so that programs take their older way.</summary>
    public static SeccompAnswer NotImplemented { get; } = Error(38);

    /// <summary>Refuses a family of sockets.</summary>
    public static SeccompAnswer FamilyNotSupported { get; } = Error(97);

    private static SeccompAnswer Error(uint number) => new(0x00050000 | number);
}
