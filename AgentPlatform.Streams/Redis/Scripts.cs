namespace AgentPlatform.Streams.Redis;

/// <summary>What must happen in Redis in one piece. Every script names its keys and is safe to repeat.</summary>
internal static class Scripts
{
    /// <summary>
    /// Adds entries in order and nudges whoever reads: one command and one answer for all, where commands of their own would cost Redis and its client the most of
    /// what publishing costs. KEYS stream; ARGV nudge channel, entry…. Returns the ids.
    /// </summary>
    public const string Publish = """
        local ids = {}
        for i = 2, #ARGV do
          ids[i - 1] = redis.call('XADD', KEYS[1], '*', 'e', ARGV[i])
        end
        redis.call('PUBLISH', ARGV[1], '')
        return ids
        """;

    /// <summary>
    /// Takes over entries that nobody has touched for a while, and says how often each was delivered.
    /// KEYS stream; ARGV group, consumer, idle ms, cursor, count. Returns {next cursor, {id, fields, deliveries}…}.
    /// </summary>
    public const string Reclaim = """
        local page = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
        local out = {}
        for _, entry in ipairs(page[2]) do
          local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)
          out[#out + 1] = {entry[1], entry[2], pending[1] and pending[1][4] or 1}
        end
        return {page[1], out}
        """;

    /// <summary>
    /// Delivers an entry again to the consumer that holds it; nothing if somebody else has it by now.
    /// KEYS stream; ARGV group, consumer, id. Returns {id, fields, deliveries} or {}.
    /// </summary>
    public const string Redeliver = """
        if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2]) == 0 then return {} end
        local entries = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3])
        if #entries == 0 then return {} end
        local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
        return {entries[1][1], entries[1][2], pending[1][4]}
        """;

    /// <summary>
    /// Sets the idle time of entries that the consumer still holds: to zero while it works on them, to a large one when it gives them back.
    /// KEYS stream; ARGV group, consumer, idle ms, id…. Returns how many it still holds.
    /// </summary>
    public const string SetIdle = """
        local held = 0
        for i = 4, #ARGV do
          if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) > 0 then
            held = held + #redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'JUSTID')
          end
        end
        return held
        """;

    /// <summary>
    /// Moves a pending entry to the dead letters and acknowledges it; a second call finds it acknowledged and does nothing.
    /// KEYS stream, dead letters; ARGV group, id, cause, deliveries, most dead letters. Returns 1 if it was moved.
    /// </summary>
    public const string Bury = """
        if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
        local body = ''
        local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
        if entry then
          for i = 1, #entry[2], 2 do
            if entry[2][i] == 'e' then body = entry[2][i + 1] end
          end
        end
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', 'e', body, 'id', ARGV[2], 'group', ARGV[1], 'cause', ARGV[3], 'deliveries', ARGV[4])
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
        return 1
        """;

    /// <summary>
    /// Puts a dead letter back on its stream, under a new id. KEYS stream, dead letters; ARGV dead letter's id. Returns the new id, or false.
    /// </summary>
    public const string Revive = """
        local letter = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]
        if not letter then return false end
        local id = redis.call('XADD', KEYS[1], '*', 'e', letter[2][2])
        redis.call('XDEL', KEYS[2], ARGV[1])
        return id
        """;

    /// <summary>
    /// Trims what every group has acknowledged. A stream without a group keeps everything. KEYS stream. Returns how many entries went.
    /// </summary>
    public const string TrimAcknowledged = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local function parts(id)
          local ms, seq = string.match(id, '^(%d+)-(%d+)$')
          return tonumber(ms), tonumber(seq)
        end
        local bound, bound_ms, bound_seq
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local name, delivered
          for i = 1, #group, 2 do
            if group[i] == 'name' then name = group[i + 1] end
            if group[i] == 'last-delivered-id' then delivered = group[i + 1] end
          end
          local pending = redis.call('XPENDING', KEYS[1], name)
          local id = delivered
          if pending[1] > 0 then
            id = pending[2]
          else
            local ms, seq = parts(delivered)
            id = string.format('%.0f-%.0f', ms, seq + 1)
          end
          local ms, seq = parts(id)
          if not bound or ms < bound_ms or (ms == bound_ms and seq < bound_seq) then
            bound, bound_ms, bound_seq = id, ms, seq
          end
        end
        if not bound then return 0 end
        return redis.call('XTRIM', KEYS[1], 'MINID', '=', bound)
        """;

    /// <summary>
    /// Forgets consumers that hold nothing and have been silent for long: every process brings a new name.
    /// KEYS stream; ARGV group, silent ms. Returns how many went.
    /// </summary>
    public const string ForgetConsumers = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local gone = 0
        for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
          local name, pending, idle
          for i = 1, #consumer, 2 do
            if consumer[i] == 'name' then name = consumer[i + 1] end
            if consumer[i] == 'pending' then pending = consumer[i + 1] end
            if consumer[i] == 'idle' then idle = consumer[i + 1] end
          end
          if pending == 0 and idle >= tonumber(ARGV[2]) then
            redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], name)
            gone = gone + 1
          end
        end
        return gone
        """;

    /// <summary>Reads the last sequence of an event log into <c>last</c>; 0 if there is none. Shared by the scripts below.</summary>
    private const string ReadLast = """
        local last = 0
        if redis.call('EXISTS', KEYS[1]) == 1 then
          local info = redis.call('XINFO', 'STREAM', KEYS[1])
          for i = 1, #info, 2 do
            if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^(%d+)-')) end
          end
        end

        """;

    /// <summary>The last sequence of an event log. KEYS log.</summary>
    public const string Last = ReadLast + "return last";

    /// <summary>
    /// Appends entries that follow one another. What is already there is passed over; what would leave a gap is refused.
    /// KEYS log; ARGV nudge channel, first sequence, entry…. Returns {how many were appended, or -1 for a gap, last sequence}.
    /// </summary>
    public const string Append = ReadLast + """
        local first = tonumber(ARGV[2])
        if first > last + 1 then return {-1, last} end
        local appended = 0
        for i = 3, #ARGV do
          local sequence = first + i - 3
          if sequence > last then
            redis.call('XADD', KEYS[1], string.format('%.0f-0', sequence), 'e', ARGV[i])
            last = sequence
            appended = appended + 1
          end
        end
        if appended > 0 then redis.call('PUBLISH', ARGV[1], string.format('%.0f', last)) end
        return {appended, last}
        """;

    /// <summary>
    /// Lets a log that Redis lost or holds too old go on behind a sequence: the log is emptied, because entries on both sides of a hole would read as neighbours.
    /// KEYS log; ARGV held sequence. Returns the last sequence afterwards.
    /// </summary>
    public const string Rebase = ReadLast + """
        local held = tonumber(ARGV[1])
        if last >= held then return last end
        redis.call('XADD', KEYS[1], string.format('%.0f-0', held), 'e', '')
        redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', 0)
        return held
        """;
}
