using System.Collections.Immutable;

namespace Vuos.Native.Seccomp;

/// <summary>
/// A question about one argument register of a call, answered inside the filter. A filter sees registers, never memory. It costs the
/// kernel's cache: a call with a test runs the filter every time.
/// </summary>
public sealed class ArgTest : IEquatable<ArgTest>
{
    private readonly ulong _mask;
    private readonly ImmutableArray<uint> _values;

    private ArgTest(int argument, ulong mask, ImmutableArray<uint> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(argument);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(argument, 5);
        Argument = argument;
        _mask = mask;
        _values = values;
    }

    /// <summary>Number of the argument, 0…5.</summary>
    public int Argument { get; }

    /// <summary>The low 32 bits are one of these: for arguments the kernel takes as an int (fcntl's and prctl's request).</summary>
    public static ArgTest LowIn(int argument, params ReadOnlySpan<uint> values) =>
        values.IsEmpty
            ? throw new ArgumentException("no value to compare with", nameof(values))
            : new(argument, 0, [.. values.ToArray().Distinct().Order()]);

    /// <summary>One of these bits of the 64 is set: for flags.</summary>
    public static ArgTest AnyBit(int argument, ulong mask) =>
        mask == 0 ? throw new ArgumentException("no bit to look at", nameof(mask)) : new(argument, mask, []);

    /// <summary>The 64-bit value is not zero: for pointers that may be NULL.</summary>
    public static ArgTest NotZero(int argument) => AnyBit(argument, ulong.MaxValue);

    /// <summary>The answer for a value, as the filter gives it.</summary>
    public bool Matches(ulong value) => _values.IsEmpty ? (value & _mask) != 0 : _values.Contains((uint)value);

    public bool Equals(ArgTest? other) =>
        other is not null && other.Argument == Argument && other._mask == _mask && other._values.AsSpan().SequenceEqual(_values.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as ArgTest);

    public override int GetHashCode() => HashCode.Combine(Argument, _mask, _values.Length);

    /// <summary>The node that asks and goes on at <paramref name="yes"/> or <paramref name="no"/>.</summary>
    internal int Compile(FilterGraph graph, int yes, int no)
    {
        if (_values.IsEmpty)
        {
            var high = Bits(graph, SeccompData.High(Argument), (uint)(_mask >> 32), yes, no);
            return Bits(graph, SeccompData.Low(Argument), (uint)_mask, yes, high);
        }
        var search = new NumberSearch(graph, no);
        foreach (var value in _values)
            search.Add(value, value, yes);
        return graph.Load(SeccompData.Low(Argument), search.Compile());
    }

    private static int Bits(FilterGraph graph, uint offset, uint mask, int yes, int no) =>
        mask == 0 ? no : graph.Load(offset, graph.Test(BpfCode.JumpAnyBit, mask, yes, no));
}
