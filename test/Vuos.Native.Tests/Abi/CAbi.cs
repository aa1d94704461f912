using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Vuos.Native.Tests.Abi;

/// <summary>
/// Checks of managed structs and constants against the C compiler. A test lists them and calls <see cref="Differences"/>, which compiles one
/// program for the whole list:
/// <code>
/// Assert.Empty(CAbi.Differences(["linux/uio.h"], CAbi.Struct("struct iovec", typeof(IoVec), ("iov_base", "Base"), ("iov_len", "Length"))));
/// </code>
/// </summary>
internal sealed class CAbi
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly string _what;
    private readonly string _expression;
    private readonly long _value;
    private readonly string? _macro;

    private CAbi(string what, string expression, long value, string? macro = null) =>
        (_what, _expression, _value, _macro) = (what, expression, value, macro);

    /// <summary>
    /// A struct: its size, and offset and size of each field given as (C member, managed field or property). A managed field that is not
    /// listed is a difference too, unless its name starts with "pad".
    /// </summary>
    public static IEnumerable<CAbi> Struct(string name, Type type, params (string Member, string Field)[] fields)
    {
        yield return new($"sizeof({name})", $"sizeof({name})", Marshal.SizeOf(type));
        foreach (var check in Fields(name, type, fields))
            yield return check;
        foreach (var field in type.GetFields(Any).Where(static f => !f.IsStatic))
        {
            if (!field.Name.StartsWith("pad", StringComparison.OrdinalIgnoreCase) && !fields.Any(f => Backs(field, f.Field)))
                yield return Unlisted(type, field.Name.TrimStart('<').Split('>')[0]);
        }
    }

    /// <summary>As <see cref="Struct"/>, for a type that has only the first fields of the C struct or leaves some out.</summary>
    public static IEnumerable<CAbi> Fields(string name, Type type, params (string Member, string Field)[] fields)
    {
        foreach (var (member, managed) in fields)
        {
            var field = type.GetFields(Any).Single(f => !f.IsStatic && Backs(f, managed));
            yield return new($"{type.Name}.{managed}: offset of {member}", $"offsetof({name}, {member})", (long)Marshal.OffsetOf(type, field.Name));
            yield return new($"{type.Name}.{managed}: size of {member}", $"sizeof((({name} *)0)->{member})", Marshal.SizeOf(field.FieldType.IsEnum ? Enum.GetUnderlyingType(field.FieldType) : field.FieldType));
        }
    }

    /// <summary>The value of a C constant expression.</summary>
    public static CAbi Constant(string expression, long value) => new(expression, expression, value);

    /// <summary>The value of a macro that headers older than the kernel may lack; then there is nothing to compare.</summary>
    public static CAbi NewConstant(string macro, long value) => new(macro, macro, value, macro);

    /// <summary>
    /// The constants of a class, given as (managed constant, C expression). A constant that is not listed is a difference; one that is no
    /// constant of C has a null expression. An expression that starts with '?' is a macro older headers may lack.
    /// </summary>
    public static IEnumerable<CAbi> Constants(Type type, params (string Managed, string? Expression)[] constants)
    {
        var values = type.GetFields(Any).Where(static f => f.IsLiteral)
            .ToDictionary(static f => f.Name, static f => Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture));
        foreach (var (managed, expression) in constants)
        {
            if (expression is not null)
                yield return expression[0] == '?' ? NewConstant(expression[1..], values[managed]) : new($"{type.Name}.{managed}: {expression}", expression, values[managed]);
        }
        foreach (var name in values.Keys.Except(constants.Select(static c => c.Managed)))
            yield return Unlisted(type, name);
    }

    /// <summary>Compiles and runs one program for all checks, with these headers, and says what differs.</summary>
    public static IReadOnlyList<string> Differences(string[] headers, params IEnumerable<CAbi>[] checks)
    {
        var all = checks.SelectMany(static c => c).ToList();
        var source = new StringBuilder("#include <stddef.h>\n#include <stdio.h>\n");
        foreach (var header in headers)
            source.Append(CultureInfo.InvariantCulture, $"#include <{header}>\n");
        source.Append("int main(void)\n{\n");
        foreach (var check in all)
        {
            if (check._macro is { } macro)
                source.Append(CultureInfo.InvariantCulture, $"#ifndef {macro}\nputs(\"absent\");\n#else\n");
            source.Append(CultureInfo.InvariantCulture, $"printf(\"%lld\\n\", (long long)({check._expression}));\n");
            if (check._macro is not null)
                source.Append("#endif\n");
        }
        source.Append("return 0;\n}\n");
        var lines = Compiler.BuildAndRun(source.ToString()).TrimEnd('\n').Split('\n');
        return
        [
            .. all.Zip(lines).Where(static p => p.Second != "absent" && p.Second != p.First._value.ToString(CultureInfo.InvariantCulture))
                .Select(static p => $"{p.First._what} is {p.Second} in C and {p.First._value} here"),
        ];
    }

    /// <summary>A check that always differs.</summary>
    private static CAbi Unlisted(Type type, string member) => new($"the check of {type.Name}.{member}, which is missing,", "1", 0);

    private static bool Backs(FieldInfo field, string name) => field.Name == name || field.Name == $"<{name}>k__BackingField";
}
