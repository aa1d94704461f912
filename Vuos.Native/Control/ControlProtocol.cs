namespace Vuos.Native.Control;

/// <summary>
/// The calls with which a guest talks to its hypervisor. They are system-call numbers no kernel has, so outside a hypervisor
/// every one of them gives ENOSYS; inside, the first filter of every guest stops at them.
/// Results follow the kernel's convention: 0 or a count on success, a negated <see cref="Errno"/> on failure.
/// All strings are NUL-terminated UTF-8 (byte strings; no validation), at most <see cref="MaxString"/> bytes.
/// </summary>
public static class ControlProtocol
{
    /// <summary>First number of the range; below the x32 bit, far above every kernel's table ("6vu" in hexadecimal digits).</summary>
    public const int Base = 0x3675_7500;

    /// <summary>Numbers in the range, for the filter.</summary>
    public const int Count = 16;

    /// <summary><c>insmod(const char *name, long permanent)</c>: 0; ENOENT no such module, EEXIST already loaded, EINVAL bad name, EFAULT.</summary>
    public const int Insmod = Base + 1;

    /// <summary><c>rmmod(const char *name)</c>: 0; ENOENT not loaded, EBUSY permanent or in use, EFAULT.</summary>
    public const int Rmmod = Base + 2;

    /// <summary><c>lsmod(char *buf, size_t len)</c>: the length of the text <c>name: description\n…</c> in insertion order; nothing is
    /// written when <c>len</c> is smaller (call with NULL, 0 to learn it); EFAULT.</summary>
    public const int Lsmod = Base + 3;

    /// <summary><c>vuctl(long tag, …)</c>: see <see cref="ControlTag"/>; EINVAL for an unknown tag.</summary>
    public const int Vuctl = Base + 4;

    /// <summary>Longest string argument in bytes, without its NUL.</summary>
    public const int MaxString = 4095;

    /// <summary>Longest view name in bytes (umvu's limit).</summary>
    public const int MaxViewName = 64;
}

/// <summary>First argument of <see cref="ControlProtocol.Vuctl"/>.</summary>
public enum ControlTag : long
{
    /// <summary><c>(struct info *)</c>, NULL only asks "am I inside?". Layout: <see cref="ControlInfo"/>.</summary>
    GetInfo = 1,

    /// <summary><c>(const char *name)</c>: sets the view name; EINVAL if longer than <see cref="ControlProtocol.MaxViewName"/>.</summary>
    SetName = 2,

    /// <summary><c>(char *buf, size_t len, long local)</c>: active debug tags as a string of tag letters; global (local=0) or of the calling
    /// process tree (local=1). Returns the length; nothing is written when it does not fit (with NUL).</summary>
    GetDebugTags = 3,

    /// <summary><c>(const char *tags, long local)</c>: switches tags on; "" = all named tags. Local: caller and what it starts from now on.</summary>
    AddDebugTags = 4,

    /// <summary><c>(const char *tags, long local)</c>: switches tags off; "" = all.</summary>
    DelDebugTags = 5,

    /// <summary><c>(long tagLetter, char *buf, size_t len)</c>: the name of a tag, returns its length; ENOENT if the tag has no name.</summary>
    GetDebugTagName = 6,

    /// <summary><c>(const char *tags, const char *colour)</c>: sets the colour of tags ("" = all); EINVAL for a bad colour string.</summary>
    SetDebugColour = 7,

    /// <summary><c>(char *buf, size_t len)</c>: one sentence on why the caller's last module or mount request failed ("" if it did not).
    /// Returns the length; nothing is written when it does not fit (with NUL).</summary>
    GetLastError = 8,
}

/// <summary>
/// Layout of the answer to <see cref="ControlTag.GetInfo"/>: the kernel's <c>struct utsname</c> (6 fields of 65 bytes: sysname, nodename,
/// release, version, machine, domainname), then serverid[65] (the hypervisor's pid in decimal), then name[65] (the view name).
/// </summary>
public static class ControlInfo
{
    /// <summary>Bytes per field, NUL included (include/uapi/linux/utsname.h).</summary>
    public const int Field = 65;

    public const int SysName = 0, NodeName = 1 * Field, Release = 2 * Field, Version = 3 * Field, Machine = 4 * Field,
        DomainName = 5 * Field, ServerId = 6 * Field, ViewName = 7 * Field, Size = 8 * Field;
}
