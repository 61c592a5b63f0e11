namespace Factory.Synthesis.Imaging;

/// <summary>Thrown when a file cannot be taken as an image; the message is one line. Permanent: trying again gives the same.</summary>
public sealed class ImageRejectedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="reason">The kind of refusal.</param>
    /// <param name="message">One sentence: what is wrong, with expected and actual.</param>
    /// <param name="inner">What the underlying decoder threw, if it did.</param>
    public ImageRejectedException(RejectionReason reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>The kind of refusal, for reports that count by it.</summary>
    public RejectionReason Reason { get; }
}
