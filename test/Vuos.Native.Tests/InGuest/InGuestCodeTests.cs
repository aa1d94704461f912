using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Vuos.Native.InGuest;
using Xunit;

namespace Vuos.Native.Tests.InGuest;

public class InGuestCodeTests
{
    private static string Source([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../Vuos.Native/InGuest/names.S"));

    [Fact]
    public void The_embedded_code_is_what_the_source_says()
    {
        var (code, symbols) = Assemble();
        var generated = Path.Combine(Path.GetDirectoryName(Source())!, "InGuestCode.cs");
        var deciding = code.AsSpan(0, InGuestCode.AllowedSize).TrimEnd((byte)0);
        if (Environment.GetEnvironmentVariable("VUOS_UPDATE_CODE") == "1")
            File.WriteAllText(generated, Updated(File.ReadAllText(generated), deciding, code.AsSpan(InGuestCode.AllowedSize), symbols));
        Assert.Equal(deciding, InGuestCode.Deciding);
        Assert.Equal(code.AsSpan(InGuestCode.AllowedSize), InGuestCode.Trapping);
        Assert.Equal(
            [symbols["trapped"], symbols["reading"], symbols["read"], symbols["leave"]],
            [InGuestCode.Trapped, InGuestCode.Reading, InGuestCode.Read, InGuestCode.Leave]);
    }

    [Fact]
    public void Only_calls_from_the_deciding_half_are_allowed()
    {
        // Seccomp reports the address behind the instruction.
        Assert.True(InGuestCode.Deciding.Length < InGuestCode.AllowedSize);
        Assert.Equal(InGuestCode.AllowedSize, InGuestCode.Trapped);
        Assert.Equal(0, InGuestCode.Base & 0xFFF);
    }

    [Fact]
    public void The_code_and_the_filters_mean_the_same_calls()
    {
        var (code, symbols) = Assemble();
        var known = Enumerable.Range(0, InGuestCode.AllowedSize - symbols["kinds"]).Where(number => code[symbols["kinds"] + number] != 0);
        Assert.Equal(known, Enumerable.Range(0, 600).Where(InGuestCode.Decides));
    }

    private static (byte[] Code, Dictionary<string, int> Symbols) Assemble()
    {
        var folder = Directory.CreateTempSubdirectory("vuos-asm-").FullName;
        try
        {
            var program = Path.Combine(folder, "elf");
            Run("gcc", "-nostdlib", "-static", "-Wl,-Ttext=0", "-Wl,--build-id=none", "-Wa,-I," + Path.GetDirectoryName(Source()), "-o", program, Source());
            Run("objcopy", "-O", "binary", "-j", ".text", program, program + ".bin");
            var symbols = Run("nm", program).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(' '))
                .ToDictionary(static w => w[2], static w => unchecked((int)long.Parse(w[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            return (File.ReadAllBytes(program + ".bin"), symbols);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }

    private static string Updated(string text, ReadOnlySpan<byte> deciding, ReadOnlySpan<byte> trapping, Dictionary<string, int> symbols)
    {
        foreach (var (name, symbol) in new[] { ("Trapped", "trapped"), ("Reading", "reading"), ("Read", "read"), ("Leave", "leave") })
            text = System.Text.RegularExpressions.Regex.Replace(text, $@"\b{name} = 0x[0-9a-f]+", $"{name} = 0x{symbols[symbol]:x}");
        var rows = string.Concat(deciding.ToArray().Chunk(24).Select(static row => "        " + string.Join(", ", row.Select(static b => $"0x{b:x2}")) + ",\n"));
        text = System.Text.RegularExpressions.Regex.Replace(text, @"Deciding =>\s*\[[^\]]*\]", $"Deciding =>\n    [\n{rows}    ]");
        return System.Text.RegularExpressions.Regex.Replace(text, @"Trapping => \[[^\]]*\]", $"Trapping => [{string.Join(", ", trapping.ToArray().Select(static b => $"0x{b:x2}"))}]");
    }
}
