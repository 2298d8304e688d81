using Services.Scheduler.Policies;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class PolicyReaderTests
{
    [Fact]
    public void ARepositoryWithoutAPolicyFileIsReviewed()
    {
        var policy = PolicyReader.Read(null).Policy!;

        Assert.Equal(("default", StepKind.Review, ForkTrust.Approve, false), (
            Assert.Single(policy.Workflows).Name, Assert.Single(policy.Workflows[0].Steps).Kind, policy.Forks, policy.Drafts));
    }

    [Fact]
    public void WhatIsNotSaidHasItsDefault()
    {
        var workflow = Assert.Single(PolicyReader.Read("version: 1\nsteps:\n- name: test\n  run: make test\n").Policy!.Workflows);

        Assert.Equal(("default", Priority.Normal, WorkflowLimits.Default), (workflow.Name, workflow.Priority, workflow.Limits));
        Assert.Equal(new Step("test", StepKind.Command, "make test", null, Step.DefaultTimeout, AllowFailure: false), Assert.Single(workflow.Steps));
        Assert.Empty(workflow.AllowedRegistries);
    }

    [Fact]
    public void EverythingThatIsSaidIsHeard()
    {
        var policy = PolicyReader.Read(
            """
            version: 1
            triggers: { drafts: true }
            trust: { forks: block }
            workflows:
              checks:
                priority: high
                timeout: 30m
                network: { allow: [registry.npmjs.org] }
                limits: { memory_mb: 512, processes: 64, disk_mb: 128, cpus: 1.5 }
                steps:
                - { name: deps, setup: true, run: npm ci }
                - { name: test, run: npm test, timeout: 90s, allow_failure: true }
                - { name: review, agent: { kind: claude-code, model: claude-haiku-4-5, max_turns: 5 } }
            """).Policy!;

        var workflow = Assert.Single(policy.Workflows);
        Assert.Equal((true, ForkTrust.Block, "checks", Priority.High), (policy.Drafts, policy.Forks, workflow.Name, workflow.Priority));
        Assert.Equal(new WorkflowLimits(TimeSpan.FromMinutes(30), 512, 64, 128, 1.5), workflow.Limits);
        Assert.Equal(["registry.npmjs.org"], workflow.AllowedRegistries);
        Assert.Equal(
            [
                new Step("deps", StepKind.Setup, "npm ci", null, Step.DefaultTimeout, false),
                new Step("test", StepKind.Command, "npm test", null, TimeSpan.FromSeconds(90), true),
                new Step("review", StepKind.Review, null, new AgentSettings("claude-code", "claude-haiku-4-5", 5), Step.DefaultTimeout, false),
            ],
            workflow.Steps);
    }

    [Theory]
    [InlineData("steps: [{ name: a, run: x }]", "version")]
    [InlineData("version: 2\nsteps: [{ name: a, run: x }]", "version")]
    [InlineData("version: 1", "workflows")]
    [InlineData("version: 1\nsteps: []", "steps")]
    [InlineData("version: 1\nsteps: [{ name: a }]", "either run or agent")]
    [InlineData("version: 1\nsteps: [{ name: a, run: x, agent: {} }]", "either run or agent")]
    [InlineData("version: 1\nsteps: [{ name: 'A b', run: x }]", "name")]
    [InlineData("version: 1\nsteps: [{ name: a, run: x }, { name: a, run: y }]", "two are named a")]
    [InlineData("version: 1\nsteps: [{ name: a, run: x }, { name: b, run: y, setup: true }]", "setup steps come before")]
    [InlineData("version: 1\nsteps: [{ name: a, agent: {}, setup: true }]", "never has the network open")]
    [InlineData("version: 1\nsteps: [{ name: a, run: x, timeout: soon }]", "timeout")]
    [InlineData("version: 1\nsteps: [{ name: a, run: x, timeout: 25h }]", "timeout")]
    [InlineData("version: 1\ntrust: { forks: 1 }\nsteps: [{ name: a, run: x }]", "trust.forks")]
    [InlineData("version: 1\nworkflows: { w: { network: { allow: ['*'] }, steps: [{ name: a, run: x }] } }", "network.allow")]
    [InlineData("version: 1\nworkflows: { w: { limits: { memory_mb: 1 }, steps: [{ name: a, run: x }] } }", "limits.memory_mb")]
    [InlineData("version: 1\nsteps: [{ name: a, runs: x }]", "runs")]
    [InlineData("version: 1\nversion: 1\nsteps: [{ name: a, run: x }]", "version")]
    [InlineData("version: 1\nsteps: [{ name: a, agent: { kind: codex } }]", "agent.kind")]
    [InlineData("version: 1\nsteps: [{ name: a, agent: { model: --add-dir } }]", "agent.model")]
    [InlineData("version: 1\nsteps: [{ name: a, agent: { model: '' } }]", "agent.model")]
    [InlineData("version: [", "line")]
    public void AFaultIsNamed(string yaml, string named)
    {
        var reading = PolicyReader.Read(yaml);

        Assert.Null(reading.Policy);
        Assert.Contains(reading.Errors, error => error.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryFaultIsNamedAtOnce() =>
        Assert.True(PolicyReader.Read("version: 3\ntrust: { forks: maybe }\nsteps: [{ name: '-' }]").Errors.Count >= 4);

    [Fact]
    public void AliasesAreRefusedBeforeTheyMultiply() =>
        Assert.Contains("aliases", Assert.Single(PolicyReader.Read("version: 1\na: &a [x, x]\nb: [*a, *a]\n").Errors), StringComparison.Ordinal);

    [Fact]
    public void AFileThatIsTooLongIsNotRead() =>
        Assert.Contains("longer than", Assert.Single(PolicyReader.Read(new string('#', PolicyReader.CharactersMax + 1)).Errors), StringComparison.Ordinal);
}
