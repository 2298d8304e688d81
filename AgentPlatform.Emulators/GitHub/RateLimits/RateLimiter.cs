using System.Globalization;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Apps;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.RateLimits;

/// <summary>Marks an endpoint whose requests create comments or reviews, which GitHub limits on top of all else.</summary>
internal sealed record CreatesContent;

/// <summary>Marks an endpoint whose requests cost nothing.</summary>
internal sealed record Uncounted;

/// <summary>What is left of an hour's budget.</summary>
internal sealed record Budget(int Limit, int Used, DateTimeOffset Reset)
{
    public int Remaining => Math.Max(0, Limit - Used);
}

/// <summary>GitHub's limits: the primary one by the hour, and the secondary ones on points, content and concurrency.</summary>
internal sealed class RateLimiter(IOptions<GitHubOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>The limits in force; the control API may put others in their place.</summary>
    public RateLimitOptions Limits { get; set; } = options.Value.RateLimits;

    /// <summary>Counts a request in. An answer means that it is refused; otherwise <see cref="Leave"/> must follow.</summary>
    public Answer? Enter(Caller caller, bool write, bool content)
    {
        lock (_gate)
        {
            var (account, now) = (Of(caller), time.GetUtcNow());
            account.Points.Forget(now - Minute);
            account.Content.Forget(now - Hour);
            var budget = BudgetOf(caller, account, now);
            if (budget.Remaining == 0)
            {
                return Exceeded(caller, budget);
            }

            var minuteOfContent = account.Content.Since(now - Minute);
            if (Over(Limits.ConcurrentRequests, account.Running + 1) ||
                Over(Limits.PointsPerMinute, account.Points.Total + (write ? 5 : 1)) ||
                (content && (Over(Limits.ContentPerMinute, minuteOfContent + 1) || Over(Limits.ContentPerHour, account.Content.Total + 1))))
            {
                return Secondary(403, Minute);
            }

            account.Used++;
            account.Running++;
            account.Points.Add(now, write ? 5 : 1);
            account.Content.Add(now, content ? 1 : 0);
            return null;
        }
    }

    /// <summary>Counts a request out. One that was answered "not modified" is given back to the hour's budget.</summary>
    public void Leave(Caller caller, bool refund)
    {
        lock (_gate)
        {
            var account = Of(caller);
            account.Running--;
            account.Used -= refund ? 1 : 0;
        }
    }

    public Budget BudgetOf(Caller caller)
    {
        lock (_gate)
        {
            return BudgetOf(caller, Of(caller), time.GetUtcNow());
        }
    }

    /// <summary>Forgets what was used.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var account in _accounts.Values)
            {
                account.Used = 0;
                account.Points.Clear();
                account.Content.Clear();
            }
        }
    }

    public static Answer Secondary(int status, TimeSpan? retryAfter)
    {
        var answer = Answer.Error(
            status,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            documentation: "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits");
        if (retryAfter is { } wait)
        {
            answer.Headers["Retry-After"] = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return answer;
    }

    private static Answer Exceeded(Caller caller, Budget budget)
    {
        var whose = caller is Caller.InstallationToken token ? $"installation ID {token.Installation.Id}" : caller is Caller.App
            ? "the app" : "your address";
        return Answer.Error(
            403,
            $"API rate limit exceeded for {whose}. It is reset at {Urls.Time(budget.Reset)}.",
            documentation: "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api");
    }

    private static bool Over(int limit, int value) => limit > 0 && value > limit;

    private Budget BudgetOf(Caller caller, Account account, DateTimeOffset now)
    {
        if (now - account.WindowStart >= Hour)
        {
            (account.WindowStart, account.Used) = (now, 0);
        }

        var limit = caller is Caller.Anonymous ? Limits.AnonymousRequestsPerHour : Limits.RequestsPerHour;
        return new Budget(limit == 0 ? int.MaxValue : limit, account.Used, account.WindowStart + Hour);
    }

    private Account Of(Caller caller)
    {
        if (!_accounts.TryGetValue(caller.RateKey, out var account))
        {
            _accounts[caller.RateKey] = account = new Account { WindowStart = time.GetUtcNow() };
        }

        return account;
    }

    private sealed class Account
    {
        public DateTimeOffset WindowStart { get; set; }

        public int Used { get; set; }

        public int Running { get; set; }

        public Window Points { get; } = new();

        public Window Content { get; } = new();
    }

    /// <summary>Amounts with their times; the longest window is an hour and the primary limit bounds what fits into it.</summary>
    private sealed class Window
    {
        private readonly Queue<(DateTimeOffset When, int Amount)> _entries = new();

        public int Total { get; private set; }

        public void Add(DateTimeOffset when, int amount)
        {
            if (amount > 0)
            {
                _entries.Enqueue((when, amount));
                Total += amount;
            }
        }

        public int Since(DateTimeOffset from) => _entries.Where(entry => entry.When > from).Sum(entry => entry.Amount);

        public void Forget(DateTimeOffset until)
        {
            while (_entries.TryPeek(out var oldest) && oldest.When <= until)
            {
                Total -= _entries.Dequeue().Amount;
            }
        }

        public void Clear()
        {
            _entries.Clear();
            Total = 0;
        }
    }
}
