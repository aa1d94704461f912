using System.Globalization;
using System.Text;
using Vuos.Specs.Parsing;

namespace Vuos.Specs.Matching;

/// <summary>Writes for a person what went wrong in a step.</summary>
public static class FailureReport
{
    private const int Shown = 200;

    /// <summary>The steps before, then the step with <c>-</c> for what is missing and <c>+</c> for what came instead.</summary>
    public static string Write(Spec spec, SpecStep step, TranscriptMatcher? matcher, string problem)
    {
        StringBuilder report = new();
        report.Append(CultureInfo.InvariantCulture, $"specs/{spec.Name}.spec:{step.Number}: {problem}\n");
        foreach (SpecStep before in spec.Steps.TakeWhile(s => s != step))
            Command(report, before);
        Command(report, step);
        int lines = 0;
        foreach (DiffLine line in matcher?.Diff() ?? [])
        {
            if (++lines > Shown)
            {
                report.Append("  (more lines left off)\n");
                break;
            }

            _ = line.Kind switch
            {
                DiffKind.Same => Line(report, ' ', step.Output[line.Expected].Number, line.Text),
                DiffKind.Missing => Line(report, '-', step.Output[line.Expected].Number, step.Output[line.Expected].Text),
                _ => Line(report, '+', 0, line.Text),
            };
        }

        return report.ToString();
    }

    private static void Command(StringBuilder report, SpecStep step)
    {
        string prompt = step.Prompt == PromptKind.Guest ? "$$ " : "$ ";
        for (int i = 0; i < step.Command.Count; i++)
            Line(report, ' ', step.Number + i, (i == 0 ? prompt : "> ") + step.Command[i]);
    }

    private static StringBuilder Line(StringBuilder report, char mark, int number, string text)
    {
        string shown = number == 0 ? "" : number.ToString(CultureInfo.InvariantCulture);
        return report.Append(CultureInfo.InvariantCulture, $"{mark} {shown,4}  {Visible(text)}\n");
    }

    // Control characters in a report would act on the reader's terminal (and are not allowed in XML).
    private static string Visible(string text)
    {
        StringBuilder visible = new();
        foreach (char c in text)
            _ = c < ' ' && c != '\t' ? visible.Append(CultureInfo.InvariantCulture, $"^{(char)(c + '@')}") : visible.Append(c);
        return visible.ToString();
    }
}
