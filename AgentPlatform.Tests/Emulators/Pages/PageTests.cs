using System.Net;
using AgentPlatform.Emulators.Pages;
using AgentPlatform.Tests.Emulators.GitHub;

namespace AgentPlatform.Tests.Emulators.Pages;

public sealed class PageTests : GitHubTest
{
    [Fact]
    public async Task ThePullRequestsPageShowsTheReportBesideTheLineAndEscapesEverything()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        const string Evil = "<script>alert(1)</script>";
        var annotations = new[] { new
        {
            path = "src/a.txt",
            start_line = 3,
            end_line = 3,
            annotation_level = "failure",
            title = $"T {Evil}",
            message = $"M {Evil}",
        } };
        await SendAsync(client, HttpMethod.Post, "repos/acme/api/check-runs",
            new
            {
                name = $"review {Evil}",
                head_sha = pull["headSha"],
                conclusion = "failure",
                output = new { title = $"t {Evil}", summary = $"**s** {Evil}", annotations },
            });
        await SendAsync(client, HttpMethod.Post, "repos/acme/api/issues/1/comments", new { body = $"c {Evil} [x](javascript:alert(1))" });
        using var browser = new HttpClient();
        using var response = await browser.GetAsync($"{Emulators.GitUrl}/acme/api/pull/1");
        var html = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain(Evil, html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"javascript:", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<b>s</b>", html, StringComparison.Ordinal);
        var line = html.IndexOf("three</td>", StringComparison.Ordinal);
        Assert.InRange(html.IndexOf("T &lt;script&gt;", line, StringComparison.Ordinal), line, line + 400);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains($"<script nonce=\"{policy.Split("'nonce-")[1].Split('\'')[0]}\">", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheOverviewAndADeliveryAreShownAndWhatIsUnknownIsNotFound()
    {
        await OpenPullAsync();
        await Emulators.ControlAsync("github/deliveries/settle", new { });
        var delivery = (await Emulators.InspectAsync("github/deliveries?event=pull_request"))[0]!;
        using var browser = new HttpClient { BaseAddress = new Uri(Emulators.Url) };
        Assert.Contains("acme/api#1", await browser.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains(delivery["guid"]!.GetValue<string>(), await browser.GetStringAsync($"/deliveries/{delivery["id"]}"),
            StringComparison.Ordinal);
        foreach (var path in new[] { "/deliveries/1", "/github/acme/api/pull/9", "/github/acme/nowhere/pull/1", "/github/acme/api/runs/1" })
        {
            using var response = await browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task ACheckRunsOwnAddressLeadsToItsPullRequest()
    {
        var (repository, pull) = await OpenPullAsync();
        using var client = await Emulators.InstallationClientAsync(repository);
        var (_, run) = await SendAsync(client, HttpMethod.Post, "repos/acme/api/check-runs",
            new { name = "build", head_sha = pull["headSha"] });
        using var browser = new HttpClient();
        using var response = await browser.GetAsync(run["html_url"]!.GetValue<string>());
        Assert.Equal((HttpStatusCode.OK, "/github/acme/api/pull/1"),
            (response.StatusCode, response.RequestMessage!.RequestUri!.AbsolutePath));
    }

    [Theory]
    [InlineData("# Title", "<h3>Title</h3>")]
    [InlineData("- one\n- **two**", "<ul><li>one</li><li><b>two</b></li></ul>")]
    [InlineData("| a | b |\n|---|---|\n| 1 | `2` |",
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2</code></td></tr></table>")]
    [InlineData("```\n<b>\n```", "<pre>&lt;b&gt;</pre>")]
    [InlineData("[x](https://example.test/?a=\"b\")", "<p>[x](https://example.test/?a=&quot;b&quot;)</p>")]
    [InlineData("[see](https://example.test/x)", "<p><a href=\"https://example.test/x\" rel=\"noreferrer\">see</a></p>")]
    [InlineData("<!-- hidden -->\nseen", "<p>seen</p>")]
    public void MarkdownIsRenderedAndNeverTrusted(string text, string html) => Assert.Equal(html, Markdown.Render(text).Value);
}
