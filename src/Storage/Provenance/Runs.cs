using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>One execution of a recipe.</summary>
public sealed class Run
{
    /// <summary>Primary key; the number people use.</summary>
    public int Id { get; set; }

    /// <summary>The project it belongs to: that of its collection.</summary>
    public int ProjectId { get; set; } = Project.DefaultId;

    /// <summary>The recipe's name.</summary>
    public required string Name { get; set; }

    /// <summary>The recipe as submitted.</summary>
    public required string RecipeText { get; set; }

    /// <summary>The recipe as read.</summary>
    public required Recipe Recipe { get; set; }

    /// <summary>Digest of the recipe.</summary>
    public Sha256Digest RecipeDigest { get; set; }

    /// <summary>The collection version, resolved when the run was submitted.</summary>
    public int CollectionVersionId { get; set; }

    /// <summary>The collection version.</summary>
    public CollectionVersion CollectionVersion { get; set; } = null!;

    /// <summary>What changes bits, pinned when the run was submitted.</summary>
    public required Numerics Numerics { get; set; }

    /// <summary>How urgent it is.</summary>
    public RunPriority Priority { get; set; }

    /// <summary>The run's state.</summary>
    public RunState State { get; set; }

    /// <summary>What went wrong, in one line.</summary>
    public string? Error { get; set; }

    /// <summary>Samples that stand in its project's <see cref="Project.ReservedImages"/>: 0 when it is over.</summary>
    public long ReservedImages { get; set; }

    /// <summary>Samples of it that stand in its project's <see cref="Project.Images"/>: those it had when it was last over.</summary>
    public long CountedImages { get; set; }

    /// <summary>Bytes of it that stand in its project's <see cref="Project.Bytes"/>, likewise.</summary>
    public long CountedBytes { get; set; }

    /// <summary>The span in which it was submitted, a W3C <c>traceparent</c>: whoever works on it later continues that trace. Absent where spans were not recorded.</summary>
    public string? TraceParent { get; set; }

    /// <summary>The last event of lineage that was taken, such as <c>START</c>; absent before, and where none are sent.</summary>
    public string? LineageTold { get; set; }

    /// <summary>When it was submitted, UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When it reached a final state, UTC.</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>Its steps.</summary>
    public List<RunStep> Steps { get; set; } = [];
}

/// <summary>One step of a run.</summary>
public sealed class RunStep
{
    /// <summary>Primary key.</summary>
    public int Id { get; set; }

    /// <summary>The run.</summary>
    public int RunId { get; set; }

    /// <summary>Number within the run, from 0, in recipe order.</summary>
    public int Ordinal { get; set; }

    /// <summary>Name in the recipe.</summary>
    public required string Name { get; set; }

    /// <summary>Kind of the step.</summary>
    public required string Kind { get; set; }

    /// <summary>The step's state.</summary>
    public StepState State { get; set; }

    /// <summary>Whether every item of the step is planned. A chain of segments is planned one by one.</summary>
    public bool PlanComplete { get; set; }

    /// <summary>Units in all, 0 when unknown.</summary>
    public long Units { get; set; }

    /// <summary>What a unit is.</summary>
    public string Unit { get; set; } = "items";

    /// <summary>What the step made.</summary>
    public StepOutput? Output { get; set; }

    /// <summary>Why it cannot be completed, in one line.</summary>
    public string? Error { get; set; }

    /// <summary>When it began, UTC.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>When it ended, UTC.</summary>
    public DateTime? FinishedAt { get; set; }
}

/// <summary>One planned unit of work that yields one artifact.</summary>
public sealed class WorkItem
{
    /// <summary>Primary key.</summary>
    public long Id { get; set; }

    /// <summary>The run.</summary>
    public int RunId { get; set; }

    /// <summary>The step.</summary>
    public int RunStepId { get; set; }

    /// <summary>The step.</summary>
    public RunStep RunStep { get; set; } = null!;

    /// <summary>Number within the step, from 0.</summary>
    public long Ordinal { get; set; }

    /// <summary>Name of the command's record, such as <c>GenerateShard</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>The command without its order: JSON.</summary>
    public required string Spec { get; set; }

    /// <summary>Units of the item.</summary>
    public long Units { get; set; }

    /// <summary>The item's state.</summary>
    public ItemState State { get; set; }

    /// <summary>Attempts begun.</summary>
    public int AttemptCount { get; set; }

    /// <summary>The item is poisoned when this many attempts have been begun in vain.</summary>
    public int AttemptLimit { get; set; }

    /// <summary>No invitation goes out before this, UTC.</summary>
    public DateTime NotBefore { get; set; }

    /// <summary>When the last invitation went out, UTC.</summary>
    public DateTime? InvitedAt { get; set; }

    /// <summary>When the running attempt's lease ends, UTC.</summary>
    public DateTime? LeaseUntil { get; set; }

    /// <summary>Digest of the committed artifact.</summary>
    public Sha256Digest? Artifact { get; set; }

    /// <summary>The event that reported the artifact: JSON.</summary>
    public string? Result { get; set; }

    /// <summary>The last error.</summary>
    public string? LastError { get; set; }

    /// <summary>When it was committed, UTC.</summary>
    public DateTime? CompletedAt { get; set; }
}

/// <summary>One try at an item.</summary>
public sealed class Attempt
{
    /// <summary>The item.</summary>
    public long WorkItemId { get; set; }

    /// <summary>The try, counted from 1.</summary>
    public int Number { get; set; }

    /// <summary>The worker.</summary>
    public required string Worker { get; set; }

    /// <summary>When it was granted, UTC.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>When it ended, UTC.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>How it ended: <c>committed</c>, <c>failed</c>, <c>returned</c>, <c>lost</c> or <c>canceled</c>; absent while it runs.</summary>
    public string? Outcome { get; set; }

    /// <summary>Its error.</summary>
    public string? Error { get; set; }
}

internal sealed class RunConfiguration :
    IEntityTypeConfiguration<Run>,
    IEntityTypeConfiguration<RunStep>,
    IEntityTypeConfiguration<WorkItem>,
    IEntityTypeConfiguration<Attempt>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.Property(run => run.Recipe).AsJson();
        builder.Property(run => run.Numerics).AsJson();
        builder.HasMany(run => run.Steps).WithOne().HasForeignKey(step => step.RunId);
        // A run that is canceled while it is moved on stays canceled.
        builder.Property(run => run.State).IsConcurrencyToken();
        builder.HasIndex(run => run.State);
        builder.HasOne<Project>().WithMany().HasForeignKey(run => run.ProjectId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(run => run.TraceParent).HasMaxLength(55);
        builder.Property(run => run.LineageTold).HasMaxLength(16);
    }

    public void Configure(EntityTypeBuilder<RunStep> builder)
    {
        builder.Property(step => step.Output).AsJson();
        builder.HasIndex(step => new { step.RunId, step.Name }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<WorkItem> builder)
    {
        // What a row was read as is what it must still be when it is saved.
        builder.Property(item => item.State).IsConcurrencyToken();
        builder.Property(item => item.AttemptCount).IsConcurrencyToken();
        // The identity of planned work: planning a step twice cannot make an item twice.
        builder.HasIndex(item => new { item.RunStepId, item.Ordinal }).IsUnique();
        // The dispatcher's pick: the next open items of a run, in order, however many there are.
        builder.HasIndex(item => new { item.RunId, item.State, item.RunStepId, item.Ordinal });
        builder.HasIndex(item => new { item.State, item.LeaseUntil });
    }

    public void Configure(EntityTypeBuilder<Attempt> builder)
    {
        builder.HasKey(attempt => new { attempt.WorkItemId, attempt.Number });
        builder.HasOne<WorkItem>().WithMany().HasForeignKey(attempt => attempt.WorkItemId);
    }
}
