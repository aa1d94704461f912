using System.Globalization;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>
/// The .NET runtime raises its soft limit of open files to the hard one at its start (and so would the guests' be). What it was before is what our parent still has.
/// </summary>
internal static class DescriptorLimit
{
    /// <summary>Gives a guest the soft limit our parent has, if the hard limits are the same.</summary>
    public static void Restore(int pid)
    {
        if (DescriptorLimits.TryRead(0, out var raised, out var own) && TryReadParent(out var soft, out var hard) && hard == own && soft < raised)
            DescriptorLimits.Set(pid, soft, hard);
    }

    /// <summary>Whether a thread can open one more file: it has fewer open than its limit (EMFILE).</summary>
    public static bool HasFree(int tid)
    {
        if (!DescriptorLimits.TryRead(tid, out var limit, out _))
            return false;
        try
        {
            return (ulong)Directory.EnumerateFileSystemEntries($"/proc/{tid}/fd").LongCount() < limit;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or not ours to look into.
            return false;
        }
    }

    /// <summary>The line "Max open files  SOFT  HARD  files" of the parent's limits (proc(5)).</summary>
    private static bool TryReadParent(out ulong soft, out ulong hard)
    {
        const int Getppid = 110;
        soft = hard = 0;
        try
        {
            foreach (var line in File.ReadLines($"/proc/{Sys.Call(Getppid)}/limits"))
            {
                if (!line.StartsWith("Max open files", StringComparison.Ordinal))
                    continue;
                var fields = line[14..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return fields.Length >= 2 && TryParse(fields[0], out soft) && TryParse(fields[1], out hard);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's parent: then the raised limit stays.
        }

        return false;
    }

    private static bool TryParse(string field, out ulong value)
    {
        value = ulong.MaxValue;
        return field == "unlimited" || ulong.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
