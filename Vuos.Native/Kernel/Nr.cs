namespace Vuos.Native.Kernel;

/// <summary>Numbers of the calls this program itself makes or recognises by name (arch/x86/entry/syscalls/syscall_64.tbl).</summary>
public static class Nr
{
    public const int Read = 0, Write = 1, Open = 2, Close = 3, Stat = 4, Fstat = 5, Lstat = 6, Poll = 7, Lseek = 8, Mmap = 9, Mprotect = 10,
        Munmap = 11, Madvise = 28, RtSigaction = 13, RtSigprocmask = 14, Ioctl = 16, Pread64 = 17, Pwrite64 = 18, Access = 21, Dup = 32, Dup2 = 33, Pause = 34, Getpid = 39,
        Sendfile = 40, Socket = 41, Connect = 42, Accept = 43, Sendto = 44, Recvfrom = 45, Sendmsg = 46, Recvmsg = 47, Shutdown = 48, Bind = 49, Socketpair = 53, Setsockopt = 54, Getsockopt = 55, Clone = 56, Fork = 57, Vfork = 58, Execve = 59, Exit = 60,
        Wait4 = 61, Kill = 62, Fcntl = 72, Flock = 73, Fsync = 74, Fdatasync = 75, Truncate = 76, Ftruncate = 77, Getdents = 78, Getcwd = 79, Chdir = 80, Fchdir = 81, Rename = 82, Mkdir = 83, Rmdir = 84,
        Creat = 85, Link = 86, Unlink = 87, Symlink = 88, Readlink = 89, Chmod = 90, Fchmod = 91, Chown = 92, Fchown = 93, Lchown = 94,
        Umask = 95, Ptrace = 101, Setuid = 105, Setgid = 106, Setreuid = 113, Setregid = 114, Geteuid = 107, Getegid = 108, Getgroups = 115, Setgroups = 116, Setresuid = 117,
        Setresgid = 119, Setfsuid = 122, Setfsgid = 123, Capget = 125, Capset = 126, Mknod = 133, Statfs = 137, Fstatfs = 138, PivotRoot = 155, Prctl = 157,
        Chroot = 161, Mount = 165, Umount2 = 166, Gettid = 186, Setxattr = 188, Lsetxattr = 189, Fsetxattr = 190, Getxattr = 191, Listxattr = 194, Removexattr = 197, Lremovexattr = 198, Fremovexattr = 199, Getdents64 = 217, Tgkill = 234, Waitid = 247, RestartSyscall = 219, ExitGroup = 231,
        Openat = 257, Mkdirat = 258, Mknodat = 259, Newfstatat = 262, Unlinkat = 263, Renameat = 264, Linkat = 265, Symlinkat = 266, Readlinkat = 267, Faccessat = 269,
        Unshare = 272, InotifyAddWatch = 254, Fchownat = 260, Fchmodat = 268, Fchmodat2 = 452, Utimensat = 280, Fallocate = 285, Eventfd2 = 290, Dup3 = 292, CloseRange = 436, Pipe2 = 293, Preadv = 295, ProcessVmReadv = 310, ProcessVmWritev = 311,
        Accept4 = 288, Syncfs = 306, Sendmmsg = 307, Kcmp = 312, Setns = 308, Renameat2 = 316, Seccomp = 317, MemfdCreate = 319, Execveat = 322, CopyFileRange = 326, Statx = 332, PidfdSendSignal = 424,
        IoUringSetup = 425, IoUringEnter = 426, IoUringRegister = 427, OpenTree = 428, MoveMount = 429, Fsopen = 430, Fsconfig = 431,
        Fsmount = 432, Fspick = 433, PidfdOpen = 434, Clone3 = 435, Openat2 = 437, PidfdGetfd = 438, Faccessat2 = 439, MountSetattr = 442,
        LandlockRestrictSelf = 446, Utime = 132, Utimes = 235, Futimesat = 261, Lgetxattr = 192, Fgetxattr = 193, Llistxattr = 195, Flistxattr = 196,
        Setxattrat = 463, Getxattrat = 464, Listxattrat = 465, Removexattrat = 466, Readv = 19, Writev = 20, Pwritev = 296, Preadv2 = 327, Pwritev2 = 328, Splice = 275, Msync = 26, SyncFileRange = 277;

    /// <summary>inotify(7).</summary>
    public const int InotifyInit1 = 294, InotifyRmWatch = 255;
}
