using System.Globalization;
using System.Net;

namespace Factory.Storage.Objects.S3;

/// <summary>Says in a line what is wrong with a bucket, or the way to it, and what to do.</summary>
internal static class S3Remedy
{
    // Servers refuse what is signed more than 15 minutes off.
    private static readonly TimeSpan SkewLimit = TimeSpan.FromMinutes(10);

    /// <summary>The exception for callers of a store.</summary>
    public static Exception ToException(S3Fault fault, S3Options options)
    {
        string line = $"The object store {Place(options)} {Explain(fault, options)}";
        return fault.IsPassing ? new ObjectStoreUnavailableException(line, fault) : new ObjectStoreRefusedException(line, fault);
    }

    /// <summary>Where the store is, without secrets.</summary>
    public static string Place(S3Options options) => $"s3://{options.Bucket}/{options.Prefix} at {options.Endpoint.TrimEnd('/')}";

    private static string Explain(S3Fault fault, S3Options options)
    {
        if (fault.Code is "RequestTimeTooSkewed" || (fault.Status == HttpStatusCode.Forbidden && fault.Skew.Duration() > SkewLimit))
        {
            string off = fault.Skew == TimeSpan.Zero ? "differs from" : string.Create(CultureInfo.InvariantCulture, $"is {Math.Abs(fault.Skew.TotalMinutes):0} minutes {(fault.Skew > TimeSpan.Zero ? "ahead of" : "behind")}");
            return $"refuses requests because this machine's clock {off} the server's; set the clock (NTP) and start again.";
        }
        return fault.Code switch
        {
            "InvalidAccessKeyId" => "does not know the access key; check Objects:S3:AccessKey.",
            "SignatureDoesNotMatch" => "refuses the signature: the secret key is not the access key's; check Objects:S3:SecretKey, and that nothing on the way rewrites requests.",
            "NoSuchBucket" => $"does not exist: the server has no bucket {options.Bucket}; make it, or correct Objects:S3:Bucket.",
            "AuthorizationHeaderMalformed" or "PermanentRedirect" or "MovedPermanently" or "TemporaryRedirect" => $"is in another region or at another address ({fault.Said}); correct Objects:S3:Region and Objects:S3:Endpoint.",
            "AccessDenied" or "Forbidden" => "denies this access key access; allow it to get, put, list and delete there (s3:GetObject, s3:PutObject, s3:ListBucket, s3:DeleteObject).",
            "QuotaExceeded" => "is full: its quota is used up; raise the quota or free it up.",
            "EntityTooLarge" => "does not take blobs of this size; raise the server's limit.",
            S3Fault.Connection => $"cannot be reached: {fault.Said} Check Objects:S3:Endpoint and that the server runs; the same command goes on later.",
            S3Fault.Timeout => $"does not answer: {fault.Said} Check the server and the network; the same command goes on later.",
            S3Fault.NotStored => $"did not keep what it was sent: {fault.Said} Check the server's disks and logs.",
            _ => fault.IsPassing
                ? $"is unwell ({fault.Code}: {fault.Said.TrimEnd('.')}); check the server, the same command goes on later."
                : $"refuses: {fault.Code}: {fault.Said.TrimEnd('.')}; check the settings in {S3Options.Section} and the server's log.",
        };
    }
}
