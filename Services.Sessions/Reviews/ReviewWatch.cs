using AgentPlatform.Contracts.Reviews;

namespace Services.Sessions.Reviews;

/// <summary>
/// Holds a review's lease while it is driven, and hears what others want of it: a stop, or a newer generation of its run.
/// </summary>
internal sealed class ReviewWatch : IDisposable
{
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _either;
    private long _generation;

    public ReviewWatch(ReviewRow row, string worker, ReviewStore reviews, TimeSpan lease, TimeProvider time, CancellationToken stopping)
    {
        _lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_lost.Token, _stop.Token);
        _generation = row.Generation;
        if (row.StopRequested)
        {
            _stop.Cancel();
        }

        _ = RenewAsync(row, worker, reviews, lease, time);
    }

    /// <summary>The lease is gone, or the process stops: let go and change nothing.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Somebody wants the agent stopped.</summary>
    public CancellationToken StopRequested => _stop.Token;

    public CancellationToken LostOrStopped => _either.Token;

    /// <summary>The newest generation of the run; what the host is asked carries it.</summary>
    public long Generation => Volatile.Read(ref _generation);

    public void Dispose()
    {
        _lost.Cancel();
        _either.Dispose();
    }

    private async Task RenewAsync(ReviewRow row, string worker, ReviewStore reviews, TimeSpan lease, TimeProvider time)
    {
        var pause = TimeSpan.FromSeconds(1) < lease / 3 ? TimeSpan.FromSeconds(1) : lease / 3;
        var last = time.GetTimestamp();
        while (!_lost.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, _lost.Token);
                if (await reviews.RenewAsync(row.Id, worker, lease, _lost.Token) is not { State: ReviewState.Running } renewed)
                {
                    await _lost.CancelAsync();
                    return;
                }

                last = time.GetTimestamp();
                Volatile.Write(ref _generation, renewed.Generation);
                if (renewed.StopRequested)
                {
                    await _stop.CancelAsync();
                }
            }
            catch (Exception) when (_lost.IsCancellationRequested)
            {
                return;
            }
            catch (Exception) when (time.GetElapsedTime(last) < lease)
            {
                // The database does not answer just now; the lease still stands.
            }
            catch (Exception)
            {
                await _lost.CancelAsync();
                throw;
            }
        }
    }
}
