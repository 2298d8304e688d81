namespace Services.Wsl2Host.Drivers.Linux.Sandbox;

/// <summary>
/// The launcher of commands: text for <c>/bin/sh</c> that never changes; everything variable is a positional parameter. It stays as the parent of
/// the sandbox and of the processes that carry its input and output, so that a command needs no process of ours to go on, and so that no managed
/// runtime stands between a request and the command.
/// </summary>
internal static class LaunchScript
{
    /// <summary>
    /// Parameters: command directory, beginning of the spool's file names, kept head in blocks of 512 bytes, kept tail in bytes,
    /// <c>merged</c> or <c>separate</c>, <c>input</c> or <c>none</c>, the cgroup of the sandbox alone, files to join the others by, <c>--</c>, and the
    /// program with its arguments.
    /// </summary>
    public const string Text = """
        set -Cu
        d=$1 s=$2 head=$3 tail=$4 output=$5 input=$6 box=$7
        shift 7
        # Before anything else, so that nothing runs outside. A group that is gone means that the instance is.
        while [ "$1" != -- ]; do echo 0 >| "$1" || exit 125; shift; done
        shift
        # Two launchers for one command are possible when a host dies; only one can make this file, the other ends here.
        : > "$d/began"
        set +C
        umask 077
        ulimit -S -c 0
        # A sandbox shows the environment that it was started with: where the host itself is, is not to be in it.
        cd /
        unset PWD OLDPWD
        # What the command leaves running ends with it; what carries its output does not, so that its last words arrive.
        # What this shell itself says of its end is not the command's output.
        run() {
          exec 4>&2 2>/dev/null
          (exec 2>&4 4>&-; echo 0 > "$box/cgroup.procs" || exit 125; exec "$@")
          echo 1 > "$box/cgroup.kill"
        }
        # Keeps the head, and of what is longer the tail. A file limit ends dd, which a byte count would not.
        keep() { ulimit -S -f "$head"; dd bs=4096 of="$1" conv=notrunc status=none 2>/dev/null || exec tail -c "$tail" > "$1.tail"; }
        # Carries each numbered file on once. The bell is open for writing here too, so reading it waits for ever.
        feed() {
          exec 4<>"$d/bell"
          n=1
          while :; do
            if [ -e "$d/inputs/in.$n" ]; then cat "$d/inputs/in.$n" || exit; n=$((n + 1))
            elif [ -e "$d/inputs/in.$n.last" ]; then cat "$d/inputs/in.$n.last"; exit
            else read -r _ <&4
            fi
          done
        }
        if [ "$input" = input ]; then feed > "$d/stdin" & feeder=$!; in=$d/stdin; else feeder=; in=/dev/null; fi
        if [ "$output" = merged ]; then
          run "$@" < "$in" 2>&1 | keep "$s.out"
        else
          { run "$@" < "$in" 2>&3 3>&- | keep "$s.out" 3>&-; } 3>&1 >/dev/null | keep "$s.err"
        fi
        if [ -n "$feeder" ]; then kill "$feeder" 2>/dev/null; fi
        : > "$d/finished"
        """;
}
