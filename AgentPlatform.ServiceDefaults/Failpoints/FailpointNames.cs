namespace AgentPlatform.ServiceDefaults.Failpoints;

/// <summary>The failpoints, in the order in which a run comes by them.</summary>
public static class FailpointNames
{
    /// <summary>Webhooks: a delivery is verified and not yet in Postgres.</summary>
    public const string DeliveryReceived = "webhooks.delivery.received";

    /// <summary>Webhooks: a delivery is committed; it is neither answered nor published.</summary>
    public const string DeliveryCommitted = "webhooks.delivery.committed";

    /// <summary>Scheduler: a delivery was taken from the stream, and nothing is done yet.</summary>
    public const string DeliveryTaken = "scheduler.delivery.taken";

    /// <summary>Scheduler: the runs of a delivery are committed; its entry is not acknowledged.</summary>
    public const string RunsMade = "scheduler.runs.made";

    /// <summary>Scheduler: a run is admitted; its entry is not on the stream.</summary>
    public const string RunAdmitted = "scheduler.run.admitted";

    /// <summary>Scheduler: a worker has the run's lease; the entry is not acknowledged.</summary>
    public const string RunClaimed = "scheduler.run.claimed";

    /// <summary>Scheduler: host and instance are on the run's row; the host was not asked.</summary>
    public const string RunPlaced = "scheduler.run.placed";

    /// <summary>Host: an instance is written down and not made.</summary>
    public const string InstanceCreating = "host.instance.creating";

    /// <summary>Host: an instance is made; nobody was told.</summary>
    public const string InstanceCreated = "host.instance.created";

    /// <summary>Scheduler: the instance is there; nothing is fetched.</summary>
    public const string RunProvisioned = "scheduler.run.provisioned";

    /// <summary>Host: the commit is fetched and checked out; it is not in the instance.</summary>
    public const string WorkspaceFetched = "host.workspace.fetched";

    /// <summary>Scheduler: the command's id is on the step's row; the host was not asked.</summary>
    public const string CommandNoted = "scheduler.command.noted";

    /// <summary>Host: a command has started; nobody was told.</summary>
    public const string CommandLaunched = "host.command.launched";

    /// <summary>Scheduler: the command runs.</summary>
    public const string CommandStarted = "scheduler.command.started";

    /// <summary>Scheduler: the command has ended; the step's row does not say so.</summary>
    public const string CommandEnded = "scheduler.command.ended";

    /// <summary>Sessions: a review is taken up; its agent is not started.</summary>
    public const string ReviewTaken = "sessions.review.taken";

    /// <summary>Sessions: the agent runs; it was not prompted.</summary>
    public const string AgentStarted = "sessions.agent.started";

    /// <summary>Sessions: the agent was prompted.</summary>
    public const string AgentPrompted = "sessions.agent.prompted";

    /// <summary>Sessions: the agent has answered; the answer is not committed.</summary>
    public const string ReviewAnswered = "sessions.review.answered";

    /// <summary>Scheduler: every step is through; the conclusion is not committed.</summary>
    public const string RunConcluding = "scheduler.run.concluding";

    /// <summary>Scheduler: the run is concluded; its instance is still there.</summary>
    public const string RunConcluded = "scheduler.run.concluded";

    /// <summary>Host: an instance is noted as ended; it is still there.</summary>
    public const string InstanceDestroying = "host.instance.destroying";

    /// <summary>Scheduler: the check run is made at the forge; Postgres does not know.</summary>
    public const string CheckMade = "scheduler.check.made";

    /// <summary>Scheduler: the check run is completed at the forge; there is no comment.</summary>
    public const string CheckCompleted = "scheduler.check.completed";

    /// <summary>Scheduler: the comment is written; Postgres does not know.</summary>
    public const string CommentWritten = "scheduler.comment.written";
}
