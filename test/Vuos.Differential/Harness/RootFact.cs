using Xunit;

namespace Vuos.Differential.Harness;

/// <summary>A test that mounts, in a private namespace, or becomes another user.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = RootTheoryAttribute.WhyNot;
}

/// <summary>As <see cref="RootFactAttribute"/>, with data.</summary>
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = WhyNot;

    internal static string? WhyNot => Settings.IsRoot ? null : "needs root";
}
