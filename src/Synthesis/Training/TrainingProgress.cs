namespace Factory.Synthesis.Training;

/// <summary>Where a training stands after a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps there will be at most.</param>
/// <param name="Epoch">Epoch of the step, from 0 on.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Losses">The step's losses by name.</param>
/// <param name="FinishedEpoch">The record of the epoch that ended with the step; null within an epoch.</param>
public sealed record TrainingProgress(
    int Step, int TotalSteps, int Epoch, double LearningRate, IReadOnlyDictionary<string, double> Losses, EpochRecord? FinishedEpoch);

/// <summary>One epoch of a training's history.</summary>
/// <param name="Epoch">From 0 on.</param>
/// <param name="LearningRate">Learning rate of the epoch.</param>
/// <param name="Losses">Means over its steps, by name.</param>
/// <param name="Validation">Scores after it; null without a validation set.</param>
public sealed record EpochRecord(int Epoch, double LearningRate, SortedDictionary<string, double> Losses, ValidationScores? Validation);

/// <summary>A classifier's scores on its validation set.</summary>
/// <param name="MacroSenSpeF1">Macro F1 of sensitivity and specificity; null where undefined.</param>
/// <param name="MacroPrecisionRecallF1">Macro F1 of precision and recall; null where undefined.</param>
/// <param name="Accuracy">Share of right predictions.</param>
/// <param name="MacroAuc">Macro one-vs-rest AUC; null where undefined.</param>
/// <param name="Images">Size of the validation set.</param>
public sealed record ValidationScores(double? MacroSenSpeF1, double? MacroPrecisionRecallF1, double Accuracy, double? MacroAuc, int Images);
