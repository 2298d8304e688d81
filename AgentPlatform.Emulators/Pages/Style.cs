namespace AgentPlatform.Emulators.Pages;

/// <summary>The pages' one style sheet and one script.</summary>
internal static class Style
{
    /// <summary>Posts to the control API for the buttons that say so, and shows the page again.</summary>
    public const string Script = """
        document.addEventListener('click', async event => {
          const button = event.target.closest('button[data-post]');
          if (!button) { return; }
          button.disabled = true;
          const answer = await fetch(button.dataset.post, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: button.dataset.body || '{}' });
          const made = answer.ok && button.dataset.open ? (await answer.json()).htmlUrl : null;
          if (made) { location.href = new URL(made).pathname; } else { location.reload(); }
        });
        """;

    public const string Text = """
        :root { --text: #1f2328; --faint: #59636e; --line: #d1d9e0; --back: #fff; --soft: #f6f8fa; --link: #0969da; --green: #1a7f37; --red: #cf222e; --yellow: #9a6700; --purple: #8250df;
          --added: #dafbe1; --removed: #ffebe9; --hunk: #ddf4ff; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #f0f6fc; --faint: #9198a1; --line: #3d444d; --back: #0d1117; --soft: #151b23; --link: #4493f8; --green: #3fb950; --red: #f85149; --yellow: #d29922; --purple: #ab7df8;
            --added: #12361f; --removed: #481b1e; --hunk: #121d2f; } }
        * { box-sizing: border-box; }
        body { margin: 0; color: var(--text); background: var(--back); font: 14px/1.5 system-ui, sans-serif; }
        header { display: flex; gap: 1em; align-items: baseline; padding: .8em 1.5em; background: var(--soft); border-bottom: 1px solid var(--line); color: var(--faint); }
        header a { color: var(--text); font-weight: 600; font-size: 16px; }
        main { max-width: 1100px; margin: 1.5em auto; padding: 0 1.5em; }
        a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
        h1 { font-size: 26px; font-weight: 400; margin: 0 0 .3em; } h1 small, .faint { color: var(--faint); font-weight: 400; } h2 { font-size: 18px; margin: 1.8em 0 .6em; }
        table { width: 100%; border-collapse: collapse; } td, th { text-align: left; padding: .35em .6em; border-bottom: 1px solid var(--line); vertical-align: top; } th { color: var(--faint); font-weight: 500; }
        .list td:first-child { width: 1%; white-space: nowrap; } .list td:last-child { text-align: right; }
        code, pre, .mono { font: 12px/1.6 ui-monospace, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; } code { background: var(--soft); padding: .1em .35em; border-radius: 4px; }
        .box { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 1em; overflow: hidden; } .box > .head { background: var(--soft); border-bottom: 1px solid var(--line); padding: .5em .9em; }
        .box > .body { padding: .8em .9em; } .box > .head:last-child { border-bottom: 0; } .row { display: flex; gap: .6em; align-items: center; } .row .end { margin-left: auto; }
        .pill { display: inline-block; color: #fff; border-radius: 2em; padding: .1em .8em; font-weight: 500; } .open { background: var(--green); } .closed { background: var(--red); } .merged { background: var(--purple); } .draft { background: var(--faint); }
        .good { color: var(--green); } .bad { color: var(--red); } .running { color: var(--yellow); }
        .branch { background: var(--hunk); color: var(--link); padding: .1em .4em; border-radius: 4px; font: 12px ui-monospace, monospace; overflow-wrap: anywhere; }
        .diff td { border: 0; padding: 0 .6em; font: 12px/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; } .diff .number { width: 1%; color: var(--faint); text-align: right; user-select: none; white-space: nowrap; }
        .diff .added { background: var(--added); } .diff .removed { background: var(--removed); } .diff .hunk { background: var(--hunk); color: var(--faint); }
        .note { border-left: 4px solid var(--faint); background: var(--soft); margin: .3em 0; padding: .5em .8em; font: 14px/1.5 system-ui, sans-serif; white-space: normal; border-radius: 0 6px 6px 0; } .note p { margin: 0; }
        .note.failure { border-color: var(--red); } .note.warning { border-color: var(--yellow); } .note.notice { border-color: var(--link); }
        button { font: inherit; padding: .2em .9em; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); color: var(--text); cursor: pointer; } button:hover { border-color: var(--faint); }
        summary { cursor: pointer; }
        .markdown p, .markdown ul, .markdown pre { margin: .4em 0; } .markdown pre { background: var(--soft); padding: .6em .8em; border-radius: 6px; } .markdown h3 { margin: .8em 0 .3em; font-size: 15px; } .markdown table { width: auto; }
        """;
}
