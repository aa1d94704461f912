using System.Globalization;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Running;

/// <summary>Naming calls decided in the guest: the same answers as from the kernel, whatever happens meanwhile.</summary>
public sealed class InGuestTests
{
    /// <summary>
    /// THREADS ROUNDS MICROSECONDS: each thread makes the calls that are decided in the guest, and those just outside, and checks what they say; a timer interrupts them with a handler that has no SA_RESTART; some
    /// rounds fork. Last, no descriptor may have been left open.
    /// </summary>
    private const string Everything = InGuestPrograms.Threads + """
        static struct stat etc, host, rel, sub;
        static struct statfs etcfs;
        static int dir;
        static int samex(struct statx *a, struct stat *b) { return a->stx_ino == b->st_ino && a->stx_size == b->st_size && a->stx_mode == b->st_mode; }
        static void *work(void *number)
        {
            for (int i = 0; i < rounds; i++) {
                struct stat st;
                struct statx stx;
                struct statfs fs;
                char text[64];
                int fd;
                CHECK((fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC)) >= 0);
                CHECK(fstat(fd, &st) == 0 && same(&st, &etc));
                CHECK(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) == 0 && samex(&stx, &etc));
                close(fd);
                CHECK(stat("/etc/hosts", &st) == 0 && same(&st, &host));
                CHECK(syscall(SYS_stat, "/etc/hosts", &st) == 0 && same(&st, &host));
                CHECK(statx(AT_FDCWD, "/etc/hosts", AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &stx) == 0 && samex(&stx, &host));
                CHECK(stat("file", &st) == 0 && same(&st, &rel));
                CHECK(stat("./sub/../file", &st) == 0 && same(&st, &rel));
                CHECK(fstatat(dir, "sub/file", &st, 0) == 0 && same(&st, &sub));
                CHECK((fd = openat(dir, "sub/file", O_RDWR)) >= 0);
                CHECK(fstat(fd, &st) == 0 && same(&st, &sub));
                close(fd);
                CHECK(stat("link", &st) == 0 && same(&st, &rel));
                CHECK(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
                CHECK(syscall(SYS_lstat, "link", &st) == 0 && S_ISLNK(st.st_mode));
                CHECK((fd = open("link", O_RDONLY)) >= 0 && fstat(fd, &st) == 0 && same(&st, &rel));
                close(fd);
                FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
                CHECK(readlink("link", text, sizeof text) == 4 && memcmp(text, "file", 4) == 0);
                CHECK(readlink("/proc/self/fd/0", text, sizeof text) > 0);
                FAILS(readlink("/etc/passwd", text, sizeof text), EINVAL);
                FAILS(readlink("/etc/passwd", (char *)8, 0), EINVAL);
                FAILS(readlink("/etc/none", text, sizeof text), ENOENT);
                CHECK(readlinkat(dir, "link", text, sizeof text) == 4);
                CHECK(access("/etc/passwd", R_OK) == 0 && access("link", F_OK) == 0 && access("sub", X_OK) == 0);
                CHECK(faccessat(dir, "sub/file", W_OK, 0) == 0 && faccessat(dir, "link", F_OK, AT_SYMLINK_NOFOLLOW) == 0);
                FAILS(access("/etc/none", F_OK), ENOENT);
                FAILS(access("file", X_OK), EACCES);
                CHECK(getxattr("/etc/passwd", "user.none", text, sizeof text) == -1 && (errno == ENODATA || errno == EOPNOTSUPP));
                CHECK(listxattr("/etc/passwd", text, sizeof text) >= 0 && llistxattr("/etc/passwd", text, sizeof text) >= 0);
                CHECK(statfs("/etc", &fs) == 0 && fs.f_type == etcfs.f_type);
                CHECK(stat("/etc", &st) == 0 && S_ISDIR(st.st_mode) && lstat("sub/", &st) == 0 && S_ISDIR(st.st_mode));
                FAILS(stat("file/", &st), ENOTDIR);
                FAILS(stat("none", &st), ENOENT);
                FAILS(stat("/etc/passwd/none", &st), ENOTDIR);
                FAILS(stat("/etc/passwd/", &st), ENOTDIR);
                FAILS(stat("", &st), ENOENT);
                FAILS(open("", O_RDONLY), ENOENT);
                FAILS(open((char *)8, O_RDONLY), EFAULT);
                FAILS(open((char *)(1ull << 63), O_RDONLY), EFAULT);
                FAILS(syscall(SYS_newfstatat, AT_FDCWD, 0, &st, 0), EFAULT);
                FAILS(stat((char *)8, &st), EFAULT);
                FAILS(stat("/etc/hosts", (struct stat *)8), EFAULT);
                FAILS(fstat(-1, &st), EBADF);
                FAILS(fstatat(-1, "file", &st, 0), EBADF);
                FAILS(fstatat(AT_FDCWD, "file", &st, 0x40000000), EINVAL);
                FAILS(open("sub/../file", O_RDONLY | O_DIRECTORY), ENOTDIR);
                if (i % 50 == 0) {
                    char name[64];
                    sprintf(name, "new%ld.%d", (long)number, i);
                    CHECK((fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0640)) >= 0);
                    CHECK(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0640);
                    FAILS(open(name, O_CREAT | O_EXCL | O_WRONLY, 0640), EEXIST);
                    close(fd);
                    CHECK(unlink(name) == 0);
                }
                if (i % 200 == 0) {
                    pid_t child = fork();
                    if (child == 0) {
                        CHECK(stat("file", &st) == 0 && same(&st, &rel));
                        CHECK(open("/etc/passwd", O_RDONLY) >= 0);
                        _exit(bad != 0);
                    }
                    int status;
                    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
                        ;
                    CHECK(status == 0);
                }
            }
            return 0;
        }
        static int descriptors(void)
        {
            int count = 0;
            DIR *d = opendir("/proc/self/fd");
            while (readdir(d))
                count++;
            closedir(d);
            return count;
        }
        int main(int argc, char **argv)
        {
            read_arguments(argv);
            umask(0);
            mkdir("sub", 0755);
            close(open("file", O_CREAT | O_WRONLY, 0644));
            close(open("sub/file", O_CREAT | O_WRONLY, 0644));
            CHECK(symlink("file", "link") == 0);
            dir = open(".", O_RDONLY | O_DIRECTORY);
            stat("/etc/passwd", &etc);
            statfs("/etc", &etcfs);
            stat("/etc/hosts", &host);
            stat("file", &rel);
            stat("sub/file", &sub);
            int before = descriptors();
            run();
            CHECK(descriptors() == before);
            return bad != 0;
        }
        """;

    [Theory]
    [InlineData("Notify", 1, 1, 0)]
    [InlineData("Notify", 1, 48, 300)]
    [InlineData("Notify", 4, 48, 500)]
    [InlineData("Notify", 16, 1, 1000)]
    [InlineData("Ptrace", 1, 48, 300)]
    [InlineData("Ptrace", 4, 48, 500)]
    [InlineData("Ptrace", 16, 1, 1000)]
    public void Answers_are_the_kernels(string transport, int threads, int after, int microseconds)
    {
        using var folder = new TempDirectory();
        var program = ChildProcess.Compile(Everything, folder);
        var outcome = ChildProcess.Hypervisor(after, transport, "vufs", "/usr/share", folder.Folder("target"), "env", "-C", folder.Folder("work"), program,
            threads.ToString(CultureInfo.InvariantCulture), (1200 / threads).ToString(CultureInfo.InvariantCulture), microseconds.ToString(CultureInfo.InvariantCulture));
        Assert.True(outcome.Status == 0, outcome.Output + outcome.Errors);
        Assert.True(InGuestPrograms.Sites(outcome.Errors) > 0, outcome.Errors);
    }

    /// <summary>What changes in the life of a process: a filter that kills who calls openat2 or statx, before and after it was busy; another root; a child that shares the memory; paths that cannot be read; the end of a thread that waits in open(2).</summary>
    private const string Changes = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <pthread.h>
        #include <signal.h>
        #include <spawn.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        extern char **environ;
        static int busy(const char *path)
        {
            struct stat st;
            for (int i = 0; i < 300; i++) {
                int fd = open(path, O_RDONLY);
                if (fd < 0 || fstat(fd, &st) != 0 || stat(path, &st) != 0)
                    return 0;
                close(fd);
            }
            return 1;
        }
        static int confine(void)
        {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
            };
            struct sock_fprog program = {sizeof code / sizeof code[0], code};
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
        }
        static volatile int handled, cleaned;
        static void handle(int s) { handled++; }
        static void clean(void *unused) { cleaned = 1; }
        static void *open_forever(void *path)
        {
            pthread_cleanup_push(clean, 0);
            if (busy("/etc/passwd"))
                open(path, O_RDONLY);
            pthread_cleanup_pop(0);
            return 0;
        }
        int main(int argc, char **argv)
        {
            if (chdir(argv[2]) != 0)
                return 3;
            if (strcmp(argv[1], "first") == 0)
                return !(confine() == 0 && busy("/etc/passwd"));
            if (strcmp(argv[1], "then") == 0)
                return !(busy("/etc/passwd") && confine() == 0 && busy("/etc/passwd"));
            if (strcmp(argv[1], "root") == 0) {
                mkdir("root", 0755);
                close(open("root/here", O_CREAT | O_WRONLY, 0644));
                struct stat st;
                return !(busy("/etc/passwd") && chroot("root") == 0 && busy("/here") && stat("/etc/passwd", &st) < 0 && errno == ENOENT);
            }
            if (strcmp(argv[1], "fault") == 0) {
                struct stat st;
                signal(SIGSEGV, handle);
                return !(busy("/etc/passwd") && stat((char *)8, &st) < 0 && errno == EFAULT && open((char *)-1, O_RDONLY) < 0 && errno == EFAULT && handled == 0
                    && raise(SIGSEGV) == 0 && handled == 1);
            }
            if (strcmp(argv[1], "cancel") == 0) {
                pthread_t thread;
                void *result;
                mkfifo("fifo", 0600);
                pthread_create(&thread, 0, open_forever, "fifo");
                usleep(200000);
                pthread_cancel(thread);
                pthread_join(thread, &result);
                return !(result == PTHREAD_CANCELED && cleaned);
            }
            if (strcmp(argv[1], "child") == 0) {
                char *again[] = {argv[0], "then", argv[2], 0};
                pid_t child;
                int status;
                return !(busy("/etc/passwd") && posix_spawn(&child, argv[0], 0, 0, again, environ) == 0 && waitpid(child, &status, 0) == child && status == 0 && busy("/etc/passwd"));
            }
            return 2;
        }
        """;

    [Theory]
    [InlineData("Notify", "first")]
    [InlineData("Notify", "then")]
    [InlineData("Notify", "root")]
    [InlineData("Notify", "child")]
    [InlineData("Notify", "fault")]
    [InlineData("Notify", "cancel")]
    [InlineData("Ptrace", "first")]
    [InlineData("Ptrace", "fault")]
    [InlineData("Ptrace", "cancel")]
    [InlineData("Ptrace", "then")]
    [InlineData("Ptrace", "root")]
    [InlineData("Ptrace", "child")]
    public void What_may_be_decided_changes_with_the_process(string transport, string change)
    {
        using var folder = new TempDirectory();
        var program = ChildProcess.Compile(Changes, folder);
        var outcome = ChildProcess.Hypervisor(48, transport, "vufs", "/usr/share", folder.Folder("target"), program, change, folder.Folder("work"));
        Assert.True(outcome.Status == 0, outcome.Status + outcome.Output + outcome.Errors);
        Assert.Equal(change == "first", InGuestPrograms.Sites(outcome.Errors) == 0);
    }
}
