using System.Text;
using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.Storage.Tests.Objects;

public sealed class JsonLinesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemObjectStore _objects;

    public JsonLinesTests() => _objects = new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(20_000, 10)]
    [InlineData(3, 200_000)]
    [InlineData(700, 999)]
    public async Task WhatWasWritten_IsReadBack(int count, int length)
    {
        List<Line> lines = [.. Enumerable.Range(0, count).Select(number => new Line(number, new('x', (number * 37 % length) + 1)))];

        ObjectRef list = await JsonLines.WriteAsync(_objects, lines, CancellationToken.None);

        list.MediaType.ShouldBe(MediaTypes.JsonLines);
        (await ReadAsync(list)).ShouldBe(lines);
    }

    [Fact]
    public async Task LastLine_MayLackItsBreak() =>
        (await ReadAsync(await StoreAsync("{\"number\":1,\"text\":\"a\"}\n{\"number\":2,\"text\":\"b\"}"))).Select(line => line.Number).ShouldBe([1, 2]);

    [Fact]
    public async Task DamagedByteInAReadableLine_IsToldAtTheEnd()
    {
        ObjectRef list = await JsonLines.WriteAsync(_objects, [new Line(1, "a"), new Line(2, "b")], CancellationToken.None);
        await DamageAsync(list, text => text.Replace('b', 'c'));
        List<Line> seen = [];

        ObjectCorruptException damage = await Should.ThrowAsync<ObjectCorruptException>(async () =>
        {
            await foreach (Line line in JsonLines.ReadAsync<Line>(_objects, list, CancellationToken.None)) seen.Add(line);
        });

        damage.Digest.ShouldBe(list.Digest);
        seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("{\"number\":1,\"text\":\"a\"}\n")]
    [InlineData("{\"number\":1,\"text\":\"a\"}\n{\"number\":2,\"text\":\"b\"}\n{\"number\":3,\"text\":\"c\"}\n")]
    [InlineData("{\"number\":1,\"text\":\"a\"}\n?")]
    public async Task ListThatWasCutOrGrewOrBroke_IsDamaged(string after)
    {
        ObjectRef list = await JsonLines.WriteAsync(_objects, [new Line(1, "a"), new Line(2, "b")], CancellationToken.None);
        await DamageAsync(list, _ => after);

        await Should.ThrowAsync<ObjectCorruptException>(() => ReadAsync(list));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("")]
    public async Task LineThatIsNoDocument_IsNamed(string line)
    {
        ObjectRef list = await StoreAsync($"{{\"number\":1,\"text\":\"a\"}}\n{line}\n{{\"number\":3,\"text\":\"c\"}}\n");

        InvalidDataException fault = await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(list));

        fault.Message.ShouldContain($"line 2 of list {list.Digest.Short} is not a Line");
    }

    private async Task<List<Line>> ReadAsync(ObjectRef list) => await JsonLines.ReadAsync<Line>(_objects, list, CancellationToken.None).ToListAsync();

    private Task<ObjectRef> StoreAsync(string text) => _objects.PutAsync(Encoding.UTF8.GetBytes(text), MediaTypes.JsonLines, CancellationToken.None);

    private async Task DamageAsync(ObjectRef list, Func<string, string> change)
    {
        string path = Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Single(file => file.Contains(list.Digest.Hex, StringComparison.Ordinal));
        string damaged = change(await File.ReadAllTextAsync(path));
        File.Delete(path);
        await File.WriteAllTextAsync(path, damaged);
    }

    private sealed record Line(int Number, string Text);
}
