using k8s.Models;

namespace Factory.Deployment.Tests.Kubernetes;

public sealed class ParsingTests
{
    private static readonly string Root = Deploy.PathOf("k8s");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Root, "*.yaml", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_HasNoFieldThatItsKindDoesNotHave(string file) => Manifests.Read(Path.Combine(Root, file)).ShouldNotBeEmpty();

    [Fact]
    public void EveryFile_IsUsed()
    {
        string[] used =
        [
            .. from file in Files.Select(row => row.Data)
               where Path.GetFileName(file) == "kustomization.yaml"
               let kustomization = Manifests.Read(Path.Combine(Root, file)).Cast<Kustomization>().Single()
               from name in kustomization.Resources.Concat(kustomization.Patches.Select(patch => patch.Path).OfType<string>())
               where name.EndsWith(".yaml", StringComparison.Ordinal)
               select Path.Combine(Path.GetDirectoryName(file)!, name),
        ];

        Files.Select(row => row.Data).Where(file => Path.GetFileName(file) != "kustomization.yaml").ShouldBe(used, ignoreOrder: true);
    }

    [Fact]
    public void UnknownField_IsFound()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\nspec: { replica: 2 }\n");

        Should.Throw<Exception>(() => Manifests.Read(file)).Message.ShouldContain("replica");
        File.Delete(file);
    }

    [Theory]
    [MemberData(nameof(Manifests.All), MemberType = typeof(Manifests))]
    public async Task Kustomization_MakesWhatThereIsToRun(string kustomization)
    {
        Manifests manifests = await Manifests.OfAsync(kustomization);

        manifests.Workloads.Select(each => each.Name).ShouldBe(["coordinator", "worker", "migration"], ignoreOrder: true);
        manifests.Of<V1Secret>().ShouldBeEmpty("secrets are made at the site");
        foreach (V1ServiceAccount account in manifests.Of<V1ServiceAccount>()) account.AutomountServiceAccountToken.ShouldBe(false);
    }
}
