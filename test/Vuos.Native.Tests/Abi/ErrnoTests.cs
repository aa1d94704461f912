using System.Globalization;
using System.Text;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Xunit;

namespace Vuos.Native.Tests.Abi;

/// <summary>Names with numbers: errnos and system calls.</summary>
public class ErrnoTests
{
    [Fact]
    public void Every_errno_of_the_headers_is_in_the_enum_and_the_other_way_round()
    {
        var macros = Compiler.Macros("linux/errno.h").Where(static m => m.Key[0] == 'E' && int.TryParse(m.Value, CultureInfo.InvariantCulture, out _))
            .Select(static m => (m.Key, int.Parse(m.Value, CultureInfo.InvariantCulture)));
        // The restart codes never leave the kernel, so no header for programs has them.
        var names = Enum.GetNames<Errno>().Where(static n => n != nameof(Errno.None) && Enum.Parse<Errno>(n) < Errno.ERESTARTSYS)
            .Select(static n => (n, (int)Enum.Parse<Errno>(n)));
        Assert.Equal(macros.Order(), names.Order());
    }

    [Fact]
    public void The_numbers_in_Nr_are_those_of_the_table()
    {
        var fields = typeof(Nr).GetFields();
        Assert.True(fields.Length > 100);
        Assert.All(fields, static f => Assert.Equal(Snake(f.Name), SyscallTable.Find((int)f.GetRawConstantValue()!)?.Name));
    }

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
            text.Append(char.IsUpper(c) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
        return text.ToString();
    }
}
