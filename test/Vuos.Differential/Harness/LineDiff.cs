using System.Text;

namespace Vuos.Differential.Harness;

/// <summary>A short difference of two lists of lines, for people.</summary>
public static class LineDiff
{
    private const int MaxLines = 60;

    /// <summary>Lines only on the left with <c>-</c>, only on the right with <c>+</c>, each change after the line before it.</summary>
    public static string Between(List<string> a, List<string> b)
    {
        var start = 0;
        while (start < a.Count && start < b.Count && a[start] == b[start])
            start++;
        int endA = a.Count, endB = b.Count;
        while (endA > start && endB > start && a[endA - 1] == b[endB - 1])
        {
            endA--;
            endB--;
        }
        int n = endA - start, m = endB - start;
        // Longest common subsequence from the end, so that the walk below goes forward.
        var length = new int[n + 1, m + 1];
        for (var i = n - 1; i >= 0; i--)
        {
            for (var j = m - 1; j >= 0; j--)
                length[i, j] = a[start + i] == b[start + j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
        }
        var report = new StringBuilder();
        string? before = start > 0 ? a[start - 1] : null;
        int x = 0, y = 0, printed = 0, changes = 0;
        while (x < n || y < m)
        {
            if (x < n && y < m && a[start + x] == b[start + y])
            {
                before = a[start + x];
                x++;
                y++;
                continue;
            }
            changes++;
            var takeLeft = x < n && (y == m || length[x + 1, y] >= length[x, y + 1]);
            var line = takeLeft ? "- " + a[start + x++] : "+ " + b[start + y++];
            if (printed++ >= MaxLines)
                continue;
            if (before != null)
            {
                report.Append("  ").AppendLine(before);
                before = null;
            }
            report.AppendLine(line);
        }
        return report.Append($"({changes} lines differ)").ToString();
    }
}
