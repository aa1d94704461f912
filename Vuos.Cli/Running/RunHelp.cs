using System.Text;

namespace Vuos.Cli;

/// <summary>The help of <c>run</c> and <c>umvu</c>: one line an option, made from the option table.</summary>
internal static class RunHelp
{
    /// <summary>The whole text, without a final newline.</summary>
    public static string Text(RunDialect dialect)
    {
        var width = dialect.Options.Max(static o => o.Usage.Length);
        var text = new StringBuilder();
        text.Append("Usage: ").Append(dialect.Synopsis).Append("\n\n").Append(dialect.Summary).Append("\n\nOptions:\n");
        foreach (var option in dialect.Options)
            text.Append("  ").Append(option.Usage.PadRight(width)).Append("  ").Append(option.Help).Append('\n');
        text.Append("\nOptions end at the first argument that is not one; the rest is COMMAND's own.\n");
        text.Append("Exit status: COMMAND's (128+N if signal N killed it), 125 if the hypervisor failed, 126 if COMMAND cannot be\n");
        text.Append("executed, 127 if it does not exist, 2 if the options cannot be understood.\n");
        text.Append(Product.NameAndVersion);
        return text.ToString();
    }
}
