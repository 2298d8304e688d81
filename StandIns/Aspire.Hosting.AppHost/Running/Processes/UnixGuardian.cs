namespace Aspire.Hosting.Running.Processes;

/// <summary>The guardian process of <see cref="Lifeline"/> and the AppHost's end of its pipe.</summary>
internal sealed class UnixGuardian : IDisposable
{
    // Only POSIX sh: no arrays, no job control. Signals that a terminal or a service manager sends to everybody are ignored,
    // because the guardian has to be the last one. Groups that do not end within 5 s of being asked are killed.
    private const string Script = """
        trap '' HUP INT QUIT TERM PIPE
        marker=$1
        groups=''
        directories=''
        newline='
        '

        without() {
            printf '%s' "$groups" | while read -r id signal; do
                [ -z "$id" ] || [ "$id" = "$1" ] || printf '%s %s\n' "$id" "$signal"
            done
        }

        while IFS=' ' read -r verb rest; do
            case $verb in
                watch) groups="$groups$rest$newline" ;;
                forget) groups="$(without "$rest")$newline" ;;
                remove) directories="$directories$rest$newline" ;;
            esac
        done

        each_group() {
            printf '%s' "$groups" | while read -r id signal; do
                [ -z "$id" ] || "$@" "$id" "$signal"
            done
        }

        strays() {
            [ ! -d /proc/self ] || grep -lsa "=$marker" /proc/[0-9]*/environ | while IFS=/ read -r _ _ id _; do
                echo "$id"
            done
        }

        leader() { echo "$1"; }
        ask() { kill -s "$2" -- "-$1" 2>/dev/null; }
        end() { kill -s KILL -- "-$1" 2>/dev/null; }
        alive() { kill -s 0 -- "-$1" 2>/dev/null && echo "$1"; }

        each_group ask

        # Each stray is asked once; the leaders of the groups have been asked in their own way.
        asked=" $(each_group leader | tr '\n' ' ')"
        look() {
            found=$(strays)
            for id in $found; do
                case $asked in
                    *" $id "*) ;;
                    *) asked="$asked$id "; kill -s TERM "$id" 2>/dev/null ;;
                esac
            done
        }

        # A process that is starting another program at this moment shows no environment: only two calm looks are trusted.
        look
        calm=0
        tries=0
        while [ "$calm" -lt 2 ] && [ "$tries" -lt 100 ]; do
            sleep 0.05
            tries=$((tries + 1))
            look
            if [ -z "$found$(each_group alive)" ]; then calm=$((calm + 1)); else calm=0; fi
        done

        each_group end
        for id in $(strays); do kill -s KILL "$id" 2>/dev/null; done

        printf '%s' "$directories" | while IFS= read -r directory; do
            [ -z "$directory" ] || rm -rf -- "$directory" || { sleep 1; rm -rf -- "$directory"; }
        done
        exit 0
        """;

    private readonly StreamWriter _pipe;
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private UnixGuardian(UnixSpawn.Spawned spawned)
    {
        _pipe = new StreamWriter(spawned.Input) { AutoFlush = true, NewLine = "\n" };

        // The guardian prints nothing, but its streams must be read to their end: that end is its exit.
        OutputPump.Start(spawned.Error, "guardian stderr", static _ => { });
        OutputPump.Start(spawned.Output, "guardian", static _ => { }).ContinueWith(
            _ =>
            {
                Posix.WaitPid(spawned.Pid, out var _, 0);
                _exited.TrySetResult();
            },
            TaskScheduler.Default);
    }

    /// <summary>Completes when the guardian has done its work and ended.</summary>
    public Task Exited => _exited.Task;

    /// <summary>Starts the guardian; its environment is empty but for PATH, so that it never looks like a child of another AppHost.</summary>
    public static UnixGuardian Start(string marker)
    {
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin" };
        var spec = new ProcessSpec("/bin/sh", ["-c", Script, "aspire-apphost-guardian", marker], environment, "/");
        return new UnixGuardian(UnixSpawn.Start(spec));
    }

    /// <summary>Sends one instruction.</summary>
    public void Tell(string line)
    {
        try
        {
            _pipe.WriteLine(line);
        }
        catch (Exception ex) when (ex is IOException or ObjectDisposedException)
        {
            // The guardian was killed or has been closed: the AppHost still ends its children itself.
        }
    }

    /// <summary>Closes the pipe: the guardian ends what is left.</summary>
    public void Dispose()
    {
        try
        {
            _pipe.Dispose();
        }
        catch (IOException)
        {
            // Killed before; nothing is left to tell it.
        }
    }
}
