using Vuos.Native.Control;
using Vuos.Native.Kernel;
using Vuos.Native.Rings;
using Vuos.Native.Seccomp;
using Vuos.Native.Tracing;
using Xunit;

namespace Vuos.Native.Tests.Abi;

/// <summary>Every struct and constant that crosses the kernel boundary, against the kernel's headers.</summary>
public class KernelAbiTests
{
    [Fact]
    public void Filters() => Assert.Empty(CAbi.Differences(
        ["linux/filter.h", "linux/seccomp.h", "linux/audit.h"],
        CAbi.Struct("struct sock_filter", typeof(BpfInstruction), ("code", "Code"), ("jt", "JumpTrue"), ("jf", "JumpFalse"), ("k", "Value")),
        CAbi.Constants(
            typeof(BpfCode), ("Load", "BPF_LD | BPF_W | BPF_ABS"), ("Jump", "BPF_JMP | BPF_JA"), ("JumpEqual", "BPF_JMP | BPF_JEQ | BPF_K"),
            ("JumpAtLeast", "BPF_JMP | BPF_JGE | BPF_K"), ("JumpAnyBit", "BPF_JMP | BPF_JSET | BPF_K"), ("Return", "BPF_RET | BPF_K"),
            ("MaxInstructions", "BPF_MAXINSNS")),
        CAbi.Constants(
            typeof(SeccompData), ("Number", "offsetof(struct seccomp_data, nr)"), ("Arch", "offsetof(struct seccomp_data, arch)"),
            ("InstructionPointer", "offsetof(struct seccomp_data, instruction_pointer)"), ("Arguments", "offsetof(struct seccomp_data, args)"),
            ("Size", "sizeof(struct seccomp_data)"), ("ArchX64", "AUDIT_ARCH_X86_64")),
        [
            CAbi.Constant("offsetof(struct seccomp_data, args[5])", SeccompData.Low(5)),
            CAbi.Constant("offsetof(struct seccomp_data, args[5]) + 4", SeccompData.High(5)),
        ],
        CAbi.Constants(
            typeof(SeccompAction), ("RetKillProcess", "SECCOMP_RET_KILL_PROCESS"), ("RetKillThread", "SECCOMP_RET_KILL_THREAD"),
            ("RetTrap", "SECCOMP_RET_TRAP"), ("RetErrno", "SECCOMP_RET_ERRNO"), ("RetUserNotif", "SECCOMP_RET_USER_NOTIF"),
            ("RetTrace", "SECCOMP_RET_TRACE"), ("RetLog", "SECCOMP_RET_LOG"), ("RetAllow", "SECCOMP_RET_ALLOW"),
            ("ActionMask", "SECCOMP_RET_ACTION_FULL"), ("DataMask", "SECCOMP_RET_DATA"))));

    [Fact]
    public void Notifications() => Assert.Empty(CAbi.Differences(
        ["sys/ioctl.h", "linux/seccomp.h"],
        CAbi.Struct(
            "struct seccomp_notif", typeof(SeccompNotification), ("id", "Id"), ("pid", "Tid"), ("flags", "Flags"), ("data.nr", "Number"),
            ("data.arch", "Arch"), ("data.instruction_pointer", "InstructionPointer"), ("data.args", "Args")),
        CAbi.Struct("struct seccomp_notif_resp", typeof(SeccompResponse), ("id", "Id"), ("val", "Value"), ("error", "Error"), ("flags", "Flags")),
        CAbi.Constants(typeof(SeccompResponse), ("Continue", "SECCOMP_USER_NOTIF_FLAG_CONTINUE")),
        CAbi.Struct(
            "struct seccomp_notif_addfd", typeof(SeccompAddFd), ("id", "Id"), ("flags", "Flags"), ("srcfd", "SourceFd"), ("newfd", "NewFd"),
            ("newfd_flags", "NewFdFlags")),
        // The kernel looks at the low 32 bits of a request.
        CAbi.Constants(
            typeof(SeccompListener), ("IoctlReceive", "(int)SECCOMP_IOCTL_NOTIF_RECV"), ("IoctlSend", "(int)SECCOMP_IOCTL_NOTIF_SEND"),
            ("IoctlAddFd", "(int)SECCOMP_IOCTL_NOTIF_ADDFD"), ("IoctlSetFlags", "?SECCOMP_IOCTL_NOTIF_SET_FLAGS"),
            ("FilterFlagTsync", "SECCOMP_FILTER_FLAG_TSYNC"), ("FilterFlagNewListener", "SECCOMP_FILTER_FLAG_NEW_LISTENER"),
            ("FilterFlagTsyncEsrch", "SECCOMP_FILTER_FLAG_TSYNC_ESRCH"), ("FilterFlagWaitKillable", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))));

    [Fact]
    public void Tracing() => Assert.Empty(CAbi.Differences(
        ["sys/user.h", "linux/ptrace.h"],
        CAbi.Struct(
            "struct user_regs_struct", typeof(UserRegs), ("r15", "R15"), ("r14", "R14"), ("r13", "R13"), ("r12", "R12"), ("rbp", "Rbp"),
            ("rbx", "Rbx"), ("r11", "R11"), ("r10", "R10"), ("r9", "R9"), ("r8", "R8"), ("rax", "Rax"), ("rcx", "Rcx"), ("rdx", "Rdx"),
            ("rsi", "Rsi"), ("rdi", "Rdi"), ("orig_rax", "OrigRax"), ("rip", "Rip"), ("cs", "Cs"), ("eflags", "Eflags"), ("rsp", "Rsp"),
            ("ss", "Ss"), ("fs_base", "FsBase"), ("gs_base", "GsBase"), ("ds", "Ds"), ("es", "Es"), ("fs", "Fs"), ("gs", "Gs")),
        CAbi.Constants(
            typeof(UserRegs), ("RaxOffset", "offsetof(struct user_regs_struct, rax)"), ("OrigRaxOffset", "offsetof(struct user_regs_struct, orig_rax)"),
            ("RipOffset", "offsetof(struct user_regs_struct, rip)")),
        new[] { "rdi", "rsi", "rdx", "r10", "r8", "r9" }
            .Select(static (register, i) => CAbi.Constant($"offsetof(struct user_regs_struct, {register})", UserRegs.ArgumentOffset(i))),
        CAbi.Struct(
            "struct ptrace_syscall_info", typeof(PtraceSyscallInfo), ("op", "Op"), ("arch", "Arch"), ("instruction_pointer", "InstructionPointer"),
            ("stack_pointer", "StackPointer"), ("seccomp.nr", "Number"), ("seccomp.args", "Args"), ("seccomp.ret_data", "RetData")),
        CAbi.Constants(
            typeof(PtraceSyscallInfo), ("OpNone", "PTRACE_SYSCALL_INFO_NONE"), ("OpEntry", "PTRACE_SYSCALL_INFO_ENTRY"),
            ("OpExit", "PTRACE_SYSCALL_INFO_EXIT"), ("OpSeccomp", "PTRACE_SYSCALL_INFO_SECCOMP")),
        CAbi.Constants(
            typeof(PtraceRequest), ("PokeUser", "PTRACE_POKEUSR"), ("PeekUser", "PTRACE_PEEKUSR"), ("PokeData", "PTRACE_POKEDATA"), ("Cont", "PTRACE_CONT"), ("Kill", "PTRACE_KILL"),
            ("SingleStep", "PTRACE_SINGLESTEP"), ("GetRegs", "PTRACE_GETREGS"), ("SetRegs", "PTRACE_SETREGS"), ("Detach", "PTRACE_DETACH"),
            ("Syscall", "PTRACE_SYSCALL"), ("SetOptions", "PTRACE_SETOPTIONS"), ("GetEventMsg", "PTRACE_GETEVENTMSG"),
            ("GetSigInfo", "PTRACE_GETSIGINFO"), ("SetSigInfo", "PTRACE_SETSIGINFO"), ("Seize", "PTRACE_SEIZE"), ("Interrupt", "PTRACE_INTERRUPT"),
            ("Listen", "PTRACE_LISTEN"), ("GetSyscallInfo", "PTRACE_GET_SYSCALL_INFO"), ("OptionSysGood", "PTRACE_O_TRACESYSGOOD"),
            ("OptionFork", "PTRACE_O_TRACEFORK"), ("OptionVfork", "PTRACE_O_TRACEVFORK"), ("OptionClone", "PTRACE_O_TRACECLONE"),
            ("OptionExec", "PTRACE_O_TRACEEXEC"), ("OptionSeccomp", "PTRACE_O_TRACESECCOMP"), ("OptionExitKill", "PTRACE_O_EXITKILL"),
            ("OptionSuspendSeccomp", "PTRACE_O_SUSPEND_SECCOMP")),
        CAbi.Constants(
            typeof(PtraceEvent), ("None", null), ("Fork", "PTRACE_EVENT_FORK"), ("Vfork", "PTRACE_EVENT_VFORK"), ("Clone", "PTRACE_EVENT_CLONE"),
            ("Exec", "PTRACE_EVENT_EXEC"), ("VforkDone", "PTRACE_EVENT_VFORK_DONE"), ("Exit", "PTRACE_EVENT_EXIT"),
            ("Seccomp", "PTRACE_EVENT_SECCOMP"), ("Stop", "PTRACE_EVENT_STOP"))));

    [Fact]
    public void Waiting() => Assert.Empty(CAbi.Differences(
        ["signal.h"],
        CAbi.Struct(
            "siginfo_t", typeof(ChildSigInfo), ("si_signo", "Signal"), ("si_code", "Code"), ("si_pid", "Pid"), ("si_uid", "Uid"), ("si_status", "Status")),
        CAbi.Constants(
            typeof(ChildSigInfo), ("Exited", "CLD_EXITED"), ("Killed", "CLD_KILLED"), ("Dumped", "CLD_DUMPED"), ("Trapped", "CLD_TRAPPED"),
            ("Stopped", "CLD_STOPPED"), ("Continued", "CLD_CONTINUED"))));

    [Fact]
    public void Memory() => Assert.Empty(CAbi.Differences(
        ["linux/uio.h"],
        CAbi.Struct("struct iovec", typeof(IoVec), ("iov_base", "Base"), ("iov_len", "Length"))));

    [Fact]
    public void Files() => Assert.Empty(CAbi.Differences(
        ["asm/stat.h", "linux/fcntl.h", "linux/openat2.h"],
        CAbi.Struct(
            "struct stat", typeof(KernelStat), ("st_dev", "Dev"), ("st_ino", "Ino"), ("st_nlink", "Nlink"), ("st_mode", "Mode"), ("st_uid", "Uid"),
            ("st_gid", "Gid"), ("st_rdev", "Rdev"), ("st_size", "Size"), ("st_blksize", "BlkSize"), ("st_blocks", "Blocks"),
            ("st_atime", "Atime"), ("st_atime_nsec", "AtimeNsec"), ("st_mtime", "Mtime"), ("st_mtime_nsec", "MtimeNsec"), ("st_ctime", "Ctime"),
            ("st_ctime_nsec", "CtimeNsec")),
        CAbi.Constants(typeof(KernelStat), ("SizeOf", "sizeof(struct stat)")),
        CAbi.Struct("struct open_how", typeof(OpenHow), ("flags", "Flags"), ("mode", "Mode"), ("resolve", "Resolve")),
        CAbi.Constants(
            typeof(OpenHow), ("NoXdev", "RESOLVE_NO_XDEV"), ("NoMagicLinks", "RESOLVE_NO_MAGICLINKS"), ("NoSymlinks", "RESOLVE_NO_SYMLINKS"),
            ("Beneath", "RESOLVE_BENEATH"), ("InRoot", "RESOLVE_IN_ROOT"), ("Cached", "RESOLVE_CACHED")),
        CAbi.Constants(
            typeof(OpenFlag), ("WrOnly", "O_WRONLY"), ("RdWr", "O_RDWR"), ("AccessMode", "O_ACCMODE"), ("Creat", "O_CREAT"), ("Excl", "O_EXCL"),
            ("NoCtty", "O_NOCTTY"), ("Trunc", "O_TRUNC"), ("Append", "O_APPEND"), ("NonBlock", "O_NONBLOCK"), ("Directory", "O_DIRECTORY"),
            ("NoFollow", "O_NOFOLLOW"), ("NoAtime", "O_NOATIME"), ("CloExec", "O_CLOEXEC"), ("Path", "O_PATH"), ("TmpFileBit", "__O_TMPFILE"), ("TmpFile", "O_TMPFILE")),
        CAbi.Constants(
            typeof(At), ("FdCwd", "AT_FDCWD"), ("SymlinkNoFollow", "AT_SYMLINK_NOFOLLOW"), ("RemoveDir", "AT_REMOVEDIR"), ("EAccess", "AT_EACCESS"),
            ("SymlinkFollow", "AT_SYMLINK_FOLLOW"), ("EmptyPath", "AT_EMPTY_PATH"))));

    [Fact]
    public void Rings() => Assert.Empty(CAbi.Differences(
        ["linux/io_uring.h"],
        CAbi.Struct(
            "struct io_uring_params", typeof(RingParams), ("sq_entries", "SqEntries"), ("cq_entries", "CqEntries"), ("flags", "Flags"),
            ("sq_off.head", "SqHead"), ("sq_off.tail", "SqTail"), ("sq_off.ring_mask", "SqMask"), ("sq_off.array", "SqArray"),
            ("cq_off.head", "CqHead"), ("cq_off.tail", "CqTail"), ("cq_off.ring_mask", "CqMask"), ("cq_off.cqes", "CqCqes")),
        CAbi.Constants(typeof(RingParams), ("SingleIssuer", "IORING_SETUP_SINGLE_ISSUER"), ("DeferTaskRun", "IORING_SETUP_DEFER_TASKRUN")),
        CAbi.Struct(
            "struct io_uring_sqe", typeof(RingEntry), ("opcode", "Opcode"), ("fd", "Fd"), ("off", "Offset"), ("addr", "Address"), ("len", "Length"),
            ("poll32_events", "OpFlags"), ("user_data", "UserData"), ("file_index", "FileIndex")),
        // IORING_OP_WAITID is an enumerator of 6.7, newer than many headers, so no macro says whether it is there.
        CAbi.Constants(typeof(RingEntry), ("OpPollAdd", "IORING_OP_POLL_ADD"), ("OpRead", "IORING_OP_READ"), ("OpWaitId", null)),
        [
            // What Ring takes as numbers: a completion and where it finds result and data, and the probe.
            CAbi.Constant("sizeof(struct io_uring_cqe)", 16),
            CAbi.Constant("offsetof(struct io_uring_cqe, user_data)", 0),
            CAbi.Constant("offsetof(struct io_uring_cqe, res)", 8),
            CAbi.Constant("sizeof(struct io_uring_probe)", 16),
            CAbi.Constant("sizeof(struct io_uring_probe_op)", 8),
            CAbi.Constant("offsetof(struct io_uring_probe_op, flags)", 2),
            CAbi.Constant("IO_URING_OP_SUPPORTED", 1),
            CAbi.Constant("IORING_REGISTER_PROBE", 8),
            CAbi.Constant("IORING_OFF_SQES", 0x10000000),
            CAbi.Constant("IORING_ENTER_GETEVENTS", 1),
        ]));

    [Fact]
    public void Control() => Assert.Empty(CAbi.Differences(
        ["linux/utsname.h"],
        CAbi.Constants(
            typeof(ControlInfo), ("Field", "sizeof(((struct new_utsname *)0)->sysname)"), ("SysName", "offsetof(struct new_utsname, sysname)"),
            ("NodeName", "offsetof(struct new_utsname, nodename)"), ("Release", "offsetof(struct new_utsname, release)"),
            ("Version", "offsetof(struct new_utsname, version)"), ("Machine", "offsetof(struct new_utsname, machine)"),
            ("DomainName", "offsetof(struct new_utsname, domainname)"), ("ServerId", "sizeof(struct new_utsname)"), ("ViewName", null), ("Size", null))));

    [Fact]
    public void Process_start() => Assert.Empty(CAbi.Differences(
        ["signal.h", "spawn.h", "linux/memfd.h"],
        [
            // What Stub takes as numbers; its buffers must be as large as the C library's objects.
            CAbi.Constant("sizeof(posix_spawnattr_t) <= 512", 1),
            CAbi.Constant("sizeof(sigset_t) <= 128", 1),
            CAbi.Constant("POSIX_SPAWN_SETSIGDEF", 4),
            CAbi.Constant("POSIX_SPAWN_SETSIGMASK", 8),
            CAbi.Constant("MFD_CLOEXEC", 1),
        ]));

    [Fact]
    public void Statx() => Assert.Empty(CAbi.Differences(
        ["linux/stat.h"],
        CAbi.Constants(
            typeof(StatxLayout), ("SizeOf", "sizeof(struct statx)"), ("Uid", "offsetof(struct statx, stx_uid)"), ("Gid", "offsetof(struct statx, stx_gid)"),
            ("Mode", "offsetof(struct statx, stx_mode)"), ("Ino", "offsetof(struct statx, stx_ino)"), ("Size", "offsetof(struct statx, stx_size)"),
            ("Blocks", "offsetof(struct statx, stx_blocks)"), ("Btime", "offsetof(struct statx, stx_btime.tv_sec)"), ("BtimeNsec", "offsetof(struct statx, stx_btime.tv_nsec)"),
            ("Ctime", "offsetof(struct statx, stx_ctime.tv_sec)"),
            ("CtimeNsec", "offsetof(struct statx, stx_ctime.tv_nsec)"), ("Mtime", "offsetof(struct statx, stx_mtime.tv_sec)"),
            ("MtimeNsec", "offsetof(struct statx, stx_mtime.tv_nsec)"), ("RdevMajor", "offsetof(struct statx, stx_rdev_major)"),
            ("RdevMinor", "offsetof(struct statx, stx_rdev_minor)"), ("DevMajor", "offsetof(struct statx, stx_dev_major)"),
            ("DevMinor", "offsetof(struct statx, stx_dev_minor)"), ("WantType", "STATX_TYPE"), ("WantMtime", "STATX_MTIME"), ("WantSize", "STATX_SIZE"), ("WantBirth", "STATX_BTIME"))));

    [Fact]
    public void Requests_that_change_an_inode() => Assert.Empty(CAbi.Differences(
        ["sys/ioctl.h", "linux/fs.h", "linux/fsverity.h", "linux/fscrypt.h", "linux/msdos_fs.h", "linux/btrfs.h"],
        new[]
        {
            "FS_IOC_SETFLAGS", "FS_IOC32_SETFLAGS", "FS_IOC_SETVERSION", "FS_IOC32_SETVERSION", "_IOW('f', 4, long)", "FS_IOC_FSSETXATTR", "FS_IOC_ENABLE_VERITY",
            "FS_IOC_SET_ENCRYPTION_POLICY", "_IO('f', 17)", "FAT_IOCTL_SET_ATTRIBUTES", "BTRFS_IOC_SUBVOL_SETFLAGS", "BTRFS_IOC_SNAP_CREATE",
            "BTRFS_IOC_SNAP_CREATE_V2", "BTRFS_IOC_SUBVOL_CREATE", "BTRFS_IOC_SUBVOL_CREATE_V2", "BTRFS_IOC_SNAP_DESTROY", "BTRFS_IOC_SNAP_DESTROY_V2",
        }.Select(static (name, i) => CAbi.Constant($"(long)(unsigned int){name}", InodeIoctl.Changes[i]))));
}
