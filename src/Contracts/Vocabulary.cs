namespace Factory.Contracts;

/// <summary>How a retina was imaged.</summary>
public enum Modality
{
    /// <summary>Colour fundus photograph.</summary>
    Cfp,

    /// <summary>One optical coherence tomography B-scan, as an RGB image.</summary>
    Oct,
}

/// <summary>What a step of a recipe sees.</summary>
public enum StepModality
{
    /// <summary>Color fundus photographs.</summary>
    Cfp,

    /// <summary>OCT B-scans.</summary>
    Oct,

    /// <summary>Pairs of a color fundus photograph and an OCT B-scan.</summary>
    Both,
}

/// <summary>Which images of the two modalities make a pair.</summary>
public enum Pairing
{
    /// <summary>Any CFP with any OCT of the same category: the Cartesian product, drawn from and never listed.</summary>
    Loose,

    /// <summary>CFP and OCT of the same eye.</summary>
    Strict,
}

/// <summary>The side of a split an image stands on. No subject or eye stands on two.</summary>
public enum Split
{
    /// <summary>Used for training.</summary>
    Train,

    /// <summary>Chooses checkpoints and learning rates.</summary>
    Validation,

    /// <summary>Only ever evaluated on.</summary>
    Test,
}

/// <summary>How urgent a run is. It changes when work is done, never what comes out.</summary>
public enum RunPriority
{
    /// <summary>Work that fills the machines: nightly corpora.</summary>
    Bulk,

    /// <summary>Somebody waits for it; its invitations have queues of their own, and a larger share of the workers.</summary>
    Interactive,
}

/// <summary>Life of a run. The last three are final, though <c>retry</c> revives a faulted or canceled run.</summary>
public enum RunState
{
    /// <summary>Accepted, nothing planned yet.</summary>
    Submitted,

    /// <summary>Its first steps are being planned.</summary>
    Planning,

    /// <summary>Items are being worked on.</summary>
    Running,

    /// <summary>Every item is done; manifests and the report are being written.</summary>
    Sealing,

    /// <summary>Everything asked for exists.</summary>
    Completed,

    /// <summary>A step could not be completed; the run's error says why.</summary>
    Faulted,

    /// <summary>Canceled by a person.</summary>
    Canceled,
}

/// <summary>Life of one step of a run.</summary>
public enum StepState
{
    /// <summary>Waits for the steps it names.</summary>
    Waiting,

    /// <summary>Its items are planned, some are open.</summary>
    Running,

    /// <summary>Its output exists.</summary>
    Completed,

    /// <summary>It cannot be completed.</summary>
    Faulted,
}

/// <summary>Life of a work item.</summary>
public enum ItemState
{
    /// <summary>Planned; no invitation is out.</summary>
    Pending,

    /// <summary>An invitation is on the queue; no attempt has begun.</summary>
    Invited,

    /// <summary>An attempt holds the lease.</summary>
    Running,

    /// <summary>Its artifact is committed.</summary>
    Completed,

    /// <summary>Its attempts are used up; listed with its last error, can be retried.</summary>
    Poisoned,

    /// <summary>Its run was canceled.</summary>
    Canceled,
}
