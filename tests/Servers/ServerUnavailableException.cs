namespace Factory.Tests.Servers;

/// <summary>There is no way to have a server of this kind on this machine; the message says what was tried.</summary>
public sealed class ServerUnavailableException(string message) : Exception(message);
