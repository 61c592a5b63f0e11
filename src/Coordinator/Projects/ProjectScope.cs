using Factory.Contracts.Api;
using Factory.Coordinator.Access;

namespace Factory.Coordinator.Projects;

/// <summary>Confines each request to the projects that its caller sees, before its endpoint looks at anything.</summary>
internal sealed class ProjectScope(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context, ProjectView view)
    {
        // Probes ask for no key and look at no project.
        if (context.User.Identity is { IsAuthenticated: true })
        {
            Caller caller = Caller.Of(context.User);
            string named = context.Request.Headers[Routes.ProjectHeader].ToString();
            await view.SetAsync(caller.ToString(), caller.Projects, named.Length > 0 ? named : null, context.RequestAborted);
        }
        await next(context);
    }
}
