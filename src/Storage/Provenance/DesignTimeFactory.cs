using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Factory.Storage.Provenance;

/// <summary>Builds the context for <c>dotnet ef migrations add</c>.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<FactoryDbContext>
{
    /// <inheritdoc/>
    public FactoryDbContext CreateDbContext(string[] args) => new(((DbContextOptionsBuilder<FactoryDbContext>)new DbContextOptionsBuilder<FactoryDbContext>().UseFactorySqlite("design.db")).Options);
}
