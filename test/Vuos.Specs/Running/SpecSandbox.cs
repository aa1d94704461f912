using Vuos.Specs.Parsing;
using Vuos.Specs.Terminal;

namespace Vuos.Specs.Running;

/// <summary>
/// What one spec runs in: a fresh folder with <c>w</c> (the working directory, <c>$W</c>), <c>home</c>, <c>bin</c>
/// (first on PATH) and <c>modules</c> (<c>$MODULES</c>, the sample of docs/filesystems.md, compiled), a mount namespace, an environment, a user.
/// </summary>
internal sealed class SpecSandbox : IDisposable
{
    private const uint Nobody = 65534;
    private const UnixFileMode OpenMode = (UnixFileMode)0b111_101_101;
    private readonly Spec _spec;
    private readonly SpecUser _user;
    private readonly SpecTransport _transport;
    private readonly string _program;
    private readonly string _marker;
    private readonly string _base;
    private readonly MountNamespace _space = new();
    private readonly string[] _mountsBefore;

    public SpecSandbox(Spec spec, SpecUser user, SpecTransport transport, string program)
    {
        _spec = spec;
        _user = user;
        _transport = transport;
        _program = program;
        _base = Directory.CreateTempSubdirectory("vuos-spec-").FullName;
        _marker = "VUOS_SPEC=" + Path.GetFileName(_base);
        File.SetUnixFileMode(_base, OpenMode);
        Own(Directory.CreateDirectory(Path.Combine(_base, "w")).FullName);
        Own(Directory.CreateDirectory(Path.Combine(_base, "home")).FullName);
        File.WriteAllText(Path.Combine(_base, "home", ".bashrc"), InteractiveShell.StartupFile);
        MakePrograms(Path.Combine(_base, "bin"));
        foreach (string module in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "modules")))
            File.Copy(module, Path.Combine(Directory.CreateDirectory(Modules).FullName, Path.GetFileName(module)));
        _mountsBefore = _space.Mounts();
    }

    /// <summary>The working directory.</summary>
    public string Work => Path.Combine(_base, "w");

    private string Modules => Path.Combine(_base, "modules");

    /// <summary>Names that stand for something in expected lines and in <c># run:</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["$W"] = Work,
        ["$HOME"] = Path.Combine(_base, "home"),
        ["$USER"] = UserName,
    };

    private uint UserId => _user == SpecUser.Root ? 0 : Libc.EffectiveUser() == 0 ? Nobody : Libc.EffectiveUser();

    private string UserName => UserId switch { 0 => "root", Nobody => "nobody", _ => Environment.UserName };

    /// <summary>Starts a shell; its first prompt has not been waited for.</summary>
    public InteractiveShell StartShell(PromptKind kind)
    {
        string prompt = kind == PromptKind.Guest ? "$$ " : "$ ";
        List<string> arguments = [.. _space.EnterCommand];
        if (_user == SpecUser.Unprivileged && Libc.EffectiveUser() == 0)
            arguments.AddRange(["/usr/bin/setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--"]);
        arguments.AddRange(["/usr/bin/env", "-C", Work]);
        if (kind == PromptKind.Guest)
            arguments.AddRange([_program, "run", "--transport", TransportName, "--in-guest", InGuest, .. _spec.RunOptions.Select(Expand)]);
        arguments.AddRange(["bash", "--noprofile", "--noediting"]);
        return new InteractiveShell(new TerminalProcess(arguments, Environ(prompt), UserId), prompt);
    }

    /// <summary>What the spec should not have left behind; empty when all is well. What is left is removed.</summary>
    public IReadOnlyList<string> CleanUp()
    {
        List<string> left = [.. Leftovers.Remove(_space, _marker)];
        string[] mounts = _space.Mounts();
        left.AddRange(mounts.Except(_mountsBefore).Select(m => "a mount is left: " + m));
        left.AddRange(_mountsBefore.Except(mounts).Select(m => "a mount is gone: " + m));
        return left;
    }

    public void Dispose()
    {
        Leftovers.Remove(_space, _marker);
        _space.Dispose();
        // The namespace is gone and with it every mount below; still, never cross one.
        using System.Diagnostics.Process remove = System.Diagnostics.Process.Start("rm", ["-rf", "--one-file-system", "--", _base]);
        remove.WaitForExit();
    }

    // Half of the runs, with each user and each transport, have calls decided in the guest from the first on; the other half as everybody has it.
    private string InGuest => (_user == SpecUser.Root) == (_transport == SpecTransport.Ptrace) ? "1" : "48";

    private string TransportName => _transport.ToString().ToLowerInvariant();

    private string Expand(string option)
    {
        foreach ((string name, string value) in Variables)
            option = option.Replace(name, value, StringComparison.Ordinal);
        return option;
    }

    private List<string> Environ(string prompt) =>
    [
        $"PATH={Path.Combine(_base, "bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        $"HOME={Path.Combine(_base, "home")}",
        $"W={Work}",
        $"MODULES={Modules}",
        $"USER={UserName}",
        $"LOGNAME={UserName}",
        $"VUOS_ACTORS={_program}",
        $"{InteractiveShell.PromptVariable}={prompt}",
        _marker,
        "SHELL=/bin/bash",
        "LC_ALL=C.UTF-8",
        "TERM=dumb",
    ];

    // On the host's side of a spec "vuos-actors run" is the program under test with the transport under test.
    private void MakePrograms(string bin)
    {
        Directory.CreateDirectory(bin);
        string wrapper = Path.Combine(bin, "vuos-actors");
        string run = $"""
            #!/bin/sh
            if [ "$1" = run ]; then shift; exec "{_program}" run --transport {TransportName} --in-guest {InGuest} "$@"; fi
            exec "{_program}" "$@"

            """;
        File.WriteAllText(wrapper, run);
        File.SetUnixFileMode(wrapper, OpenMode);
        File.CreateSymbolicLink(Path.Combine(bin, "umvu"), _program);
    }

    private void Own(string directory)
    {
        File.SetUnixFileMode(directory, OpenMode);
        if (Libc.EffectiveUser() == 0)
            Libc.Check(Libc.ChangeOwner(directory, UserId, UserId), "chown");
    }
}
