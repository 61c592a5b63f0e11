namespace Factory.Coordinator.Projects;

/// <summary>A project has no room for what was asked (409). Its message gives the figures, and the audit log holds it.</summary>
/// <param name="message">What is used, of how much, and what was asked, in one line.</param>
internal sealed class QuotaReachedException(string message) : RefusedException(StatusCodes.Status409Conflict, message);
