namespace Factory.Tests.Servers;

/// <summary>What a server runs in: processes of this machine, or a container. Its ports and its data outlive a stop.</summary>
internal interface IServerHost : IAsyncDisposable
{
    /// <summary>What it is, for messages.</summary>
    string Description { get; }

    /// <summary>Starts it; it may not answer yet.</summary>
    Task StartAsync();

    /// <summary>Stops it as an operator would, and waits until it is gone.</summary>
    Task StopAsync();

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    Task PauseAsync();

    /// <summary>Ends a pause.</summary>
    Task ResumeAsync();

    /// <summary>Throws with the end of its log when it has ended by itself.</summary>
    Task ThrowIfEndedAsync();
}
