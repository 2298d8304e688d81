using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AgentPlatform.Tests.Hosts;
using StackExchange.Redis;

namespace AgentPlatform.Tests.StandIns.Clients.Redis;

public sealed class RedisTlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ap-tls-");
    private readonly string _fingerprint;

    public RedisTlsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        _fingerprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    private string CertificateFile => Path.Combine(_directory.FullName, "certificate.pem");

    private string KeyFile => Path.Combine(_directory.FullName, "key.pem");

    [Fact]
    public async Task AnEncryptedConnectionIsMadeToAServerThatIsTrustedAndToNoOther()
    {
        var port = ServerProcess.FreePort();
        await using var server = await RedisServer.StartAsync(
            $"tls-port {port}", $"tls-cert-file {CertificateFile}", $"tls-key-file {KeyFile}", $"tls-ca-cert-file {CertificateFile}", "tls-auth-clients no");
        var options = ConfigurationOptions.Parse($"localhost:{port},password={server.Password},ssl=true,connectRetry=0");
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(options));

        options.CertificateValidation += (_, certificate, _, _) => certificate?.GetCertHashString(HashAlgorithmName.SHA256) == _fingerprint;
        await using var client = await ConnectionMultiplexer.ConnectAsync(options);

        await client.GetDatabase().StringSetAsync("k", "v");
        Assert.Equal("v", await client.GetDatabase().StringGetAsync("k"));
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
