using Vuos.Guest.Syscalls;

namespace Vuos.Guest.Options;

/// <summary>
/// Turns what stands after <c>-o</c> into the flags and the data string of mount(2). Words that name a flag go into the flags; all
/// others stay in the data, as they are and in order, for the module.
/// </summary>
/// <param name="flags">Flags set before the first option.</param>
internal sealed class MountOptions(MountFlags flags)
{
    private string? _data;

    public MountFlags Flags { get; private set; } = flags;

    /// <summary>The words no flag stands for, joined by commas; null as long as no list was given.</summary>
    public string? Data => _data;

    public void Set(MountFlags flags) => Flags |= flags;

    public void Clear(MountFlags flags) => Flags &= ~flags;

    /// <summary>Takes one comma-separated list; a second list continues the first.</summary>
    public void Add(string list)
    {
        _data ??= "";
        var start = 0;
        while (start <= list.Length)
        {
            var end = WordEnd(list, start);
            if (end > start && !ApplyFlag(list.AsSpan(start, end - start)))
            {
                var word = list[start..end];
                _data = _data.Length == 0 ? word : _data + "," + word;
            }

            start = end + 1;
        }
    }

    /// <summary>Where the word that begins at <paramref name="start"/> ends: at a comma that is neither quoted nor after a backslash.
    /// Inside single quotes a backslash is a plain character, as in a shell; a quote left open reaches to the end.</summary>
    public static int WordEnd(string list, int start)
    {
        var quote = '\0';
        for (var i = start; i < list.Length; i++)
        {
            var c = list[i];
            if (c == '\\' && quote != '\'')
            {
                i++;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == ',')
            {
                return i;
            }
        }

        return list.Length;
    }

    private bool ApplyFlag(ReadOnlySpan<char> word)
    {
        var (set, clear) = Meaning(word);
        if (set == MountFlags.None && clear == MountFlags.None && !word.SequenceEqual("defaults"))
        {
            return false;
        }

        Flags = (Flags & ~clear) | set;
        return true;
    }

    private static (MountFlags Set, MountFlags Clear) Meaning(ReadOnlySpan<char> word) => word switch
    {
        "user" => (MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec, 0),
        "group" => (MountFlags.NoSuid | MountFlags.NoDev, 0),
        "ro" => (MountFlags.ReadOnly, 0),
        "rw" => (0, MountFlags.ReadOnly),
        "suid" => (0, MountFlags.NoSuid),
        "nosuid" => (MountFlags.NoSuid, 0),
        "dev" => (0, MountFlags.NoDev),
        "nodev" => (MountFlags.NoDev, 0),
        "exec" => (0, MountFlags.NoExec),
        "noexec" => (MountFlags.NoExec, 0),
        "async" => (0, MountFlags.Synchronous),
        "sync" => (MountFlags.Synchronous, 0),
        "remount" => (MountFlags.Remount, 0),
        "mand" => (MountFlags.MandLock, 0),
        "nomand" => (0, MountFlags.MandLock),
        "dirsync" => (MountFlags.DirSync, 0),
        "atime" => (0, MountFlags.NoAtime),
        "noatime" => (MountFlags.NoAtime, 0),
        "diratime" => (0, MountFlags.NoDirAtime),
        "nodiratime" => (MountFlags.NoDirAtime, 0),
        "bind" => (MountFlags.Bind, 0),
        "move" => (MountFlags.Move, 0),
        "rbind" => (MountFlags.Bind | MountFlags.Recursive, 0),
        "silent" => (MountFlags.Silent, 0),
        "loud" => (0, MountFlags.Silent),
        "acl" => (MountFlags.PosixAcl, 0),
        // umvu knows only the misspelt pair; scripts written for it must go on working.
        "relatime" or "realtime" => (MountFlags.RelAtime, 0),
        "norelatime" or "norealtime" => (0, MountFlags.RelAtime),
        "iversion" => (MountFlags.IVersion, 0),
        "noiversion" => (0, MountFlags.IVersion),
        "strictatime" => (MountFlags.StrictAtime, 0),
        "nostrictatime" => (0, MountFlags.StrictAtime),
        "lazytime" => (MountFlags.LazyTime, 0),
        "nolazytime" => (0, MountFlags.LazyTime),
        _ => (0, 0),
    };
}
