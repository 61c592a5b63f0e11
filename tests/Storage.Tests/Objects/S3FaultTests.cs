using System.Net;
using Factory.Contracts;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Microsoft.Extensions.Options;

namespace Factory.Storage.Tests.Objects;

public sealed class S3FaultTests
{
    private static readonly Sha256Digest Blob = Sha256Digest.Of("0123456789"u8);

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(500, "InternalError")]
    [InlineData(400, "RequestTimeout")]
    public async Task PassingFault_IsTriedAgain(int status, string code)
    {
        using ScriptedServer server = new((_, number, response) => number < 3 ? ScriptedServer.FailAsync(response, status, code) : ScriptedServer.SayAsync(response, 200, "0123456789"));
        using S3ObjectStore store = Store(server);
        (await store.LengthAsync(Blob, CancellationToken.None)).ShouldBe(10);
        server.Requests.ShouldBe(3);
    }

    [Theory]
    [InlineData(502, "<html>bad gateway</html>", "unwell")]
    [InlineData(503, "", "unwell")]
    [InlineData(503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>", "reduce your request rate")]
    public async Task FaultThatDoesNotPass_IsToldAfterTheLastTry(int status, string body, string told)
    {
        using ScriptedServer server = new((_, _, response) => ScriptedServer.SayAsync(response, status, body));
        using S3ObjectStore store = Store(server);
        ObjectStoreUnavailableException error = await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.OpenReadAsync(Blob, CancellationToken.None));
        error.Message.ShouldContain(told);
        error.Message.ShouldNotContain("\n");
        server.Requests.ShouldBe(3);
    }

    [Theory]
    [InlineData(403, "RequestTimeTooSkewed", "clock")]
    [InlineData(403, "AccessDenied", "s3:PutObject")]
    [InlineData(400, "AuthorizationHeaderMalformed", "Objects:S3:Region")]
    [InlineData(403, "QuotaExceeded", "quota")]
    [InlineData(501, "NotImplemented", "NotImplemented")]
    public async Task Refusal_IsNamed_AndNotTriedAgain(int status, string code, string told)
    {
        using ScriptedServer server = new((_, _, response) => ScriptedServer.FailAsync(response, status, code));
        using S3ObjectStore store = Store(server);
        (await Should.ThrowAsync<ObjectStoreRefusedException>(() => store.PutAsync("0123456789"u8.ToArray(), MediaTypes.Json, CancellationToken.None))).Message.ShouldContain(told);
        server.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task ServerThatSendsElsewhere_IsNotFollowed()
    {
        using ScriptedServer elsewhere = new((_, _, response) => ScriptedServer.SayAsync(response, 200, "0123456789"));
        using ScriptedServer server = new((request, _, response) =>
        {
            response.Headers["Location"] = elsewhere.Address + request.Url!.AbsolutePath.TrimStart('/');
            return ScriptedServer.SayAsync(response, 307, "");
        });
        using S3ObjectStore store = Store(server);

        await Should.ThrowAsync<Exception>(() => store.OpenReadAsync(Blob, CancellationToken.None));
        await Should.ThrowAsync<Exception>(() => store.PutAsync("0123456789"u8.ToArray(), MediaTypes.Json, CancellationToken.None));

        elsewhere.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task SilentServer_IsGivenUp()
    {
        TaskCompletionSource end = new();
        using ScriptedServer server = new((_, _, _) => end.Task);
        using S3ObjectStore store = Store(server, options => options.RequestTimeout = TimeSpan.FromMilliseconds(100));
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.LengthAsync(Blob, CancellationToken.None))).Message.ShouldContain("no answer within 0.1 seconds");
        end.SetResult();
    }

    [Fact]
    public async Task DownloadThatStandsStill_IsGivenUp()
    {
        TaskCompletionSource end = new();
        using ScriptedServer server = new(async (_, number, response) =>
        {
            if (number > 1)
            {
                await end.Task;
                return;
            }
            response.ContentLength64 = 100;
            await response.OutputStream.WriteAsync(new byte[10]);
            await response.OutputStream.FlushAsync();
            await end.Task;
        });
        using S3ObjectStore store = Store(server, options => options.RequestTimeout = TimeSpan.FromMilliseconds(200));
        await using Stream stream = await store.OpenReadAsync(Blob, CancellationToken.None);
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => stream.ReadExactlyAsync(new byte[100]).AsTask())).Message.ShouldContain("does not answer");
        end.SetResult();
    }

    [Fact]
    public async Task BlobThatChangesWhileItIsRead_IsNotPiecedTogether()
    {
        using ScriptedServer server = new(async (_, number, response) =>
        {
            // Asked for what follows the first ten bytes, it gives all of something else.
            response.ContentLength64 = number == 1 ? 100 : 90;
            await response.OutputStream.WriteAsync(new byte[10]);
            await response.OutputStream.FlushAsync();
            response.Abort();
        });
        using S3ObjectStore store = Store(server);
        await using Stream stream = await store.OpenReadAsync(Blob, CancellationToken.None);
        (await Should.ThrowAsync<ObjectStoreRefusedException>(() => stream.ReadExactlyAsync(new byte[100]).AsTask())).Message.ShouldContain("changed while it was read");
    }

    [Fact]
    public async Task EndOfUploadThatFailsWith200_IsAFailure()
    {
        using ScriptedServer server = new((request, _, response) => (request.HttpMethod, request.Url!.Query) switch
        {
            ("POST", { } query) when query.Contains("uploads", StringComparison.Ordinal) => ScriptedServer.SayAsync(response, 200,
                "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket><Key>k</Key><UploadId>1</UploadId></InitiateMultipartUploadResult>"),
            ("POST", _) => ScriptedServer.FailAsync(response, 200, "InternalError"),
            ("PUT", _) => Tagged(response, "\"abc\""),
            _ => ScriptedServer.FailAsync(response, 404, "NoSuchKey"),
        });
        using S3ObjectStore store = Store(server);
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.PutAsync(new byte[6 << 20], MediaTypes.Tar, CancellationToken.None))).Message.ShouldContain("InternalError");
    }

    [Theory]
    [InlineData("0123456789", true)]
    [InlineData("01234567x9", false)]
    [InlineData("0123", false)]
    public async Task TagThatIsNoChecksum_HasTheBlobReadBack(string stored, bool whole)
    {
        bool there = false;
        using ScriptedServer server = new((request, _, response) =>
        {
            if (request.HttpMethod == "GET") return there ? ScriptedServer.SayAsync(response, 200, stored) : ScriptedServer.FailAsync(response, 404, "NoSuchKey");
            there = true;
            return Tagged(response, "\"00000000000000000000000000000000\"");
        });
        using S3ObjectStore store = Store(server);
        Task<ObjectRef> put = store.PutAsync("0123456789"u8.ToArray(), MediaTypes.Json, CancellationToken.None);
        if (whole) await put;
        else (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => put)).Message.ShouldContain("did not keep what it was sent");
    }

    private static Task Tagged(HttpListenerResponse response, string tag)
    {
        response.AddHeader("ETag", tag);
        return ScriptedServer.SayAsync(response, 200, "");
    }

    private static S3ObjectStore Store(ScriptedServer server, Action<S3Options>? change = null)
    {
        S3Options options = new()
        {
            Endpoint = server.Address,
            Bucket = "bucket",
            AccessKey = "key",
            SecretKey = "secret",
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };
        change?.Invoke(options);
        return new(Options.Create(options), TimeProvider.System);
    }
}
