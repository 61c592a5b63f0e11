namespace Factory.Contracts.Api;

/// <summary>Paths of the coordinator's HTTP API. A request with the header <see cref="ProjectHeader"/> means that project alone; without, all that its caller sees, and where something is brought in the
/// only one, or else <c>default</c>. Errors are ProblemDetails (RFC 9457); <c>detail</c> is one line for a person, <c>errors</c> lists further ones.</summary>
public static class Routes
{
    /// <summary>Header that names the project a request is about.</summary>
    public const string ProjectHeader = "Factory-Project";

    /// <summary>GET: whether the process is alive, 200 with <c>healthy</c>. Asks for no key.</summary>
    public const string Health = "/healthz";

    /// <summary>GET: whether the coordinator can work, its database at its schema and its broker connected: 200 with <c>ready</c>, or 503 with <c>not ready</c>. Asks for no key.</summary>
    public const string Ready = "/readyz";

    /// <summary>GET: figures of the coordinator and of what its database knows, as Prometheus reads them.</summary>
    public const string Metrics = "/metrics";

    /// <summary>GET: which program answers, <see cref="CoordinatorVersion"/>.</summary>
    public const string Version = "/api/version";

    /// <summary>GET: examines what the coordinator works with, schema, broker, queues, object store, clocks, waiting items, disk; array of <see cref="DoctorFinding"/>.</summary>
    public const string Doctor = "/api/doctor";

    /// <summary>GET: the workers heard of within a day, by name: array of <see cref="WorkerStatus"/>.</summary>
    public const string Workers = "/api/workers";

    /// <summary>GET lists runs, newest first: array of <see cref="RunSummary"/> (query <c>limit</c>: 1 to 1,000, default 100; <c>before</c>: a run's number); POST submits a recipe (body: YAML; query <c>file</c>: its name, for messages; <c>priority</c>: <see cref="RunPriority"/>, bulk when absent) and answers <see cref="RunSummary"/>.</summary>
    public const string Runs = "/api/runs";

    /// <summary>GET one run: <see cref="RunSnapshot"/>. <c>{id}</c> is the run's number.</summary>
    public const string Run = "/api/runs/{id:int}";

    /// <summary>GET: JSON lines of <see cref="RunSnapshot"/>, one at each change and at least one every two seconds, until the run's state is final.</summary>
    public const string RunSnapshots = "/api/runs/{id:int}/snapshots";

    /// <summary>POST: cancels the run.</summary>
    public const string RunCancel = "/api/runs/{id:int}/cancel";

    /// <summary>POST: revives a faulted or canceled run; its poisoned items get fresh attempts.</summary>
    public const string RunRetry = "/api/runs/{id:int}/retry";

    /// <summary>POST: validates a recipe and answers <see cref="RecipePlan"/> without making a run.</summary>
    public const string RecipePlan = "/api/recipes/plan";

    /// <summary>GET lists collections: array of <see cref="CollectionSummary"/>.</summary>
    public const string Collections = "/api/collections";

    /// <summary>GET one version, <c>name</c> or <c>name@version</c>: <see cref="CollectionDetail"/>.</summary>
    public const string Collection = "/api/collections/{reference}";

    /// <summary>POST: registers a version (<see cref="NewCollectionVersion"/>); answers <see cref="CollectionRegistered"/>.</summary>
    public const string CollectionVersions = "/api/collections/{name}/versions";

    /// <summary>POST <see cref="PreparedLookup"/>: which source files are prepared already; answers an array of <see cref="PreparedImageEntry"/>.</summary>
    public const string PreparedLookup = "/api/prepared-images/lookup";

    /// <summary>POST an array of <see cref="PreparedImageEntry"/>: records prepared images, so that an interrupted import goes on where it was.</summary>
    public const string PreparedImages = "/api/prepared-images";

    /// <summary>GET, HEAD or PUT a blob by digest. PUT refuses bytes of another digest.</summary>
    public const string Object = "/api/objects/{digest}";

    /// <summary>GET lists checkpoints; POST registers an uploaded one (<see cref="NewCheckpoint"/>); both in terms of <see cref="CheckpointDetail"/>.</summary>
    public const string Checkpoints = "/api/checkpoints";

    /// <summary>GET one checkpoint by name, digest, or unique digest prefix of at least 6 digits.</summary>
    public const string Checkpoint = "/api/checkpoints/{reference}";

    /// <summary>GET: how a sample was made, <see cref="SampleExplanation"/>.</summary>
    public const string Sample = "/api/samples/{key}";

    /// <summary>POST <see cref="SubjectQuery"/>: the samples made from a subject's images, page by page; answers <see cref="SubjectLineage"/>.</summary>
    public const string SubjectLineage = "/api/lineage/subject";

    /// <summary>POST: makes a sample again and compares its bytes; answers <see cref="SampleComparison"/>.</summary>
    public const string SampleRegenerate = "/api/samples/{key}/regenerate";

    /// <summary>GET lists the projects that the caller sees, by name: array of <see cref="ProjectDetail"/>; POST <see cref="NewProject"/> makes one and answers it.</summary>
    public const string Projects = "/api/projects";

    /// <summary>GET one project: <see cref="ProjectDetail"/>.</summary>
    public const string Project = "/api/projects/{name}";

    /// <summary>POST <see cref="ProjectQuotas"/>: how much the project may have from now on, both at once; answers <see cref="ProjectDetail"/>. What it has stays, whatever the quota.</summary>
    public const string ProjectQuotas = "/api/projects/{name}/quotas";

    /// <summary>POST <see cref="ImportAnnouncement"/>: whether the project has room for an import; answers nothing, or 409 with the figures.</summary>
    public const string ImportAnnouncement = "/api/imports/announce";

    /// <summary>GET lists API keys: array of <see cref="ApiKeyDetail"/>; POST <see cref="NewApiKey"/> makes one and answers <see cref="ApiKeyCreated"/>.</summary>
    public const string Keys = "/api/keys";

    /// <summary>POST: revokes a key, from the next request on; answers <see cref="ApiKeyDetail"/>. A key that is revoked already stays as it is.</summary>
    public const string KeyRevoke = "/api/keys/{id}/revoke";

    /// <summary>
    /// GET: the audit log, the latest entry first, <see cref="AuditPage"/>. Query: <c>actor</c> (id or name), <c>action</c> (or its noun), <c>outcome</c> (<see cref="AuditOutcome"/>),
    /// <c>before</c> (an entry's number), <c>limit</c> (1 to 1,000, default 100).
    /// </summary>
    public const string Audit = "/api/audit";
}
