using System.ComponentModel.DataAnnotations;

namespace Factory.Storage.Tests;

public sealed class DurationRangeTests
{
    private readonly DurationRangeAttribute _range = new("00:00:01", "1.00:00:00");

    [Theory]
    [InlineData("00:00:01", true)]
    [InlineData("1.00:00:00", true)]
    [InlineData("00:00:00.9999999", false)]
    [InlineData("1.00:00:00.0000001", false)]
    [InlineData("-00:00:02", false)]
    public void Bounds_AreIncluded(string duration, bool valid) => _range.IsValid(TimeSpan.Parse(duration, null)).ShouldBe(valid);

    [Fact]
    public void WhatIsUnset_IsLeftToOthers() => _range.IsValid(null).ShouldBeTrue();

    [Fact]
    public void Message_NamesTheSettingAndItsBounds() =>
        _range.GetValidationResult(TimeSpan.Zero, new ValidationContext(this) { DisplayName = "Lease" })!.ErrorMessage.ShouldBe("The field Lease must be between 00:00:01 and 1.00:00:00.");

    // Hosts that start side by side share an attribute.
    [Fact]
    public void ManyAtOnce_AreToldTheSame() =>
        Enumerable.Range(0, 200).AsParallel().Select(_ => new DurationRangeAttribute("00:00:01", "1.00:00:00"))
            .All(range => Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).All(_ => range.IsValid(TimeSpan.FromMinutes(1)))).ShouldBeTrue();
}
