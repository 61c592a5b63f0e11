namespace Factory.Tests.Servers;

/// <summary>Where a bucket is and who may use it.</summary>
public sealed record S3Access(Uri Endpoint, string Region, string AccessKey, string SecretKey, string Bucket);
