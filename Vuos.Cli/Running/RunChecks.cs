using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>What can be found wrong with a run before its guest starts.</summary>
internal static class RunChecks
{
    /// <summary>The first problem, naming the argument that asked for it; or null, with the rc files to run.</summary>
    public static string? Problem(RunDraft draft, List<string> rcFiles) =>
        ModuleProblem(draft) ?? MountProblem(draft) ?? RcProblem(draft, rcFiles) ?? LogFileProblem(draft);

    private static string? ModuleProblem(RunDraft draft)
    {
        for (var i = 0; i < draft.Modules.Count; i++)
            if (!KnownModules.Contains(draft.Modules[i]))
                return $"{draft.ModuleOrigins[i]}: there is no module {Quoted(draft.Modules[i])} (known: {KnownModules.Names})";
        return null;
    }

    private static string? MountProblem(RunDraft draft)
    {
        for (var i = 0; i < draft.Mounts.Count; i++)
            if (MountProblem(draft, draft.Mounts[i], earlier: i) is { } problem)
                return $"{draft.Mounts[i].Origin}: {problem}";
        return null;
    }

    private static string? MountProblem(RunDraft draft, MountRequest mount, int earlier)
    {
        if (!KnownModules.Serves(mount.Type))
            return $"no module serves the type {Quoted(mount.Type)} (known: {KnownModules.Names})";
        if (KnownModules.SourceIsPath(mount.Type) && !IsInsideEarlierMount(draft, mount.Source, earlier)
            && Absence(draft.Surroundings.Absolute(mount.Source)) is { } sourceAbsence)
            return "the source " + sourceAbsence;
        if (IsInsideEarlierMount(draft, mount.Target, earlier))
            return null;
        var target = draft.Surroundings.Absolute(mount.Target);
        if (Absence(target) is null)
            return null;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(target)) ?? "/";
        if (Absence(parent) is { } parentAbsence)
            return "the directory of the target " + parentAbsence;
        return Directory.Exists(parent) ? null : "the directory of the target is not a directory";
    }

    /// <summary>A name at or below the target of an earlier mount means something only the hypervisor can look up.</summary>
    private static bool IsInsideEarlierMount(RunDraft draft, string path, int earlier)
    {
        var full = Full(draft, path);
        for (var i = 0; i < earlier; i++)
        {
            var target = Full(draft, draft.Mounts[i].Target);
            if (target == "/" || full == target || (full.StartsWith(target, StringComparison.Ordinal) && full[target.Length] == '/'))
                return true;
        }
        return false;
    }

    private static string Full(RunDraft draft, string path) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, draft.Surroundings.CurrentDirectory));

    private static string? Absence(string path) => HostFile.Find(path) switch
    {
        HostFile.State.Present => null,
        HostFile.State.Forbidden => "cannot be reached: permission denied",
        HostFile.State.Loop => "cannot be reached: too many symbolic links",
        _ => "does not exist",
    };

    /// <summary>umvu's rule: a default rc file runs if it is there and executable. One that was asked for must be both.</summary>
    private static string? RcProblem(RunDraft draft, List<string> rcFiles)
    {
        if (draft.NoRc)
            return null;
        if (draft.RcFile is { } asked)
        {
            var path = draft.Surroundings.Absolute(asked);
            rcFiles.Add(path);
            if (Absence(path) is { } absence)
                return $"{draft.RcOrigin}: the rc file {absence}";
            return HostFile.IsExecutable(path) ? null : $"{draft.RcOrigin}: the rc file is not executable";
        }
        if (HostFile.IsExecutable(draft.Surroundings.SystemRc))
            rcFiles.Add(draft.Surroundings.SystemRc);
        if (draft.Surroundings.Home is { } home && Path.Combine(home, ".vurc") is var userRc && HostFile.IsExecutable(userRc))
            rcFiles.Add(userRc);
        return null;
    }

    /// <summary>Opens the log file once, since a logger that cannot would only fall silent.</summary>
    private static string? LogFileProblem(RunDraft draft)
    {
        if (draft.LogFile is null)
            return null;
        var path = draft.Surroundings.Absolute(draft.LogFile);
        try
        {
            using var file = new FileStream(path, draft.TruncateLogFile ? FileMode.Create : FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return Directory.Exists(path) ? $"{draft.LogFileOrigin}: the log file is a directory" : $"{draft.LogFileOrigin}: the log file cannot be written: permission denied";
        }
        catch (DirectoryNotFoundException)
        {
            return $"{draft.LogFileOrigin}: the directory of the log file does not exist";
        }
        catch (IOException e)
        {
            return $"{draft.LogFileOrigin}: the log file cannot be written: {e.Message}";
        }
    }

    private static string Quoted(string text) => '"' + text + '"';
}
