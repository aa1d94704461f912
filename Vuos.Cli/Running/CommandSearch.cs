namespace Vuos.Cli;

/// <summary>Looks for the guest command as execvp(3) will, before a guest exists.</summary>
internal static class CommandSearch
{
    /// <summary>PATH of a process that has none (execvp(3)).</summary>
    private const string DefaultPath = "/bin:/usr/bin";

    /// <summary>False only if the kernel would certainly say ENOENT; whether the file can be executed is left to the kernel.</summary>
    public static bool MayExist(string command, RunSurroundings surroundings)
    {
        if (command.Length == 0)
            return false;
        // Bytes that are not UTF-8 were lost on the way here; the hypervisor has them.
        if (command.Contains('\uFFFD'))
            return true;
        if (command.Contains('/'))
            return HostFile.Find(surroundings.Absolute(command)) != HostFile.State.Missing;
        foreach (var directory in (surroundings.SearchPath ?? DefaultPath).Split(':'))
            if (HostFile.Find(Path.Combine(surroundings.CurrentDirectory, directory, command)) != HostFile.State.Missing)
                return true;
        return surroundings.GuestCommands is { } guest && File.Exists(Path.Combine(guest, command));
    }
}
