using System.Globalization;
using System.Text.RegularExpressions;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Running;

/// <summary>Naming calls decided in the guest: the same answers as from the kernel, whatever happens meanwhile.</summary>
public sealed partial class InGuestTests
{
    /// <summary>
    /// THREADS ROUNDS MICROSECONDS: each thread makes the calls that are decided in the guest, and those just outside, and checks what they say; a timer interrupts them with a handler that has no SA_RESTART; some
    /// rounds fork. Last, no descriptor may have been left open.
    /// </summary>
    private const string Everything = """
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/vfs.h>
        #include <sys/wait.h>
        #include <sys/xattr.h>
        #include <unistd.h>
        static struct stat etc, host, rel, sub;
        static struct statfs etcfs;
        static volatile long ticks;
        static int dir, rounds, bad;
        #define CHECK(c) do { if (!(c)) { __atomic_add_fetch(&bad, 1, __ATOMIC_RELAXED); printf("line %d: %s (errno %d)\n", __LINE__, #c, errno); } } while (0)
        #define FAILS(c, e) CHECK((c) == -1 && errno == (e))
        static void tick(int s) { ticks++; }
        static int same(struct stat *a, struct stat *b) { return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size; }
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
            int threads = atoi(argv[1]), microseconds = atoi(argv[3]);
            pthread_t t[64];
            rounds = atoi(argv[2]);
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
            struct sigaction action = {.sa_handler = tick};
            sigaction(SIGALRM, &action, 0);
            struct itimerval timer = {{0, microseconds}, {0, microseconds}}, none = {{0, 0}, {0, 0}};
            setitimer(ITIMER_REAL, &timer, 0);
            for (long i = 1; i < threads; i++)
                pthread_create(&t[i], 0, work, (void *)i);
            work(0);
            for (int i = 1; i < threads; i++)
                pthread_join(t[i], 0);
            setitimer(ITIMER_REAL, &none, 0);
            CHECK(descriptors() == before);
            CHECK(microseconds == 0 || ticks > 0);
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
        Assert.True(int.Parse(Sites().Match(outcome.Errors).Groups[1].Value, CultureInfo.InvariantCulture) > 0, outcome.Errors);
    }

    /// <summary>
    /// THREADS ROUNDS MICROSECONDS VIEW HOST, where HOST is bound to VIEW and the working directory: files are opened by all their names, many at once, and descriptors must be shown by those. Files of a thread
    /// are its own, but for one that all open.
    /// </summary>
    private const string Inside = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <sys/statfs.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/wait.h>
        #include <sys/xattr.h>
        #include <unistd.h>
        enum { FILES = 40 };
        static const char *view, *host;
        static volatile long ticks;
        static int dir, rounds, bad;
        #define CHECK(c) do { if (!(c)) { __atomic_add_fetch(&bad, 1, __ATOMIC_RELAXED); printf("line %d: %s (errno %d)\n", __LINE__, #c, errno); } } while (0)
        #define FAILS(c, e) CHECK((c) == -1 && errno == (e))
        static void tick(int s) { ticks++; }
        static int same(struct stat *a, struct stat *b) { return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size; }
        static int is_called(int pid, int fd, const char *name)
        {
            char link[64], text[4096];
            sprintf(link, "/proc/%d/fd/%d", pid, fd);
            long n = readlink(link, text, sizeof text - 1);
            text[n < 0 ? 0 : n] = 0;
            if (strcmp(text, name) != 0)
                printf("%d is %s, not %s\n", fd, text, name);
            return strcmp(text, name) == 0;
        }
        static int is_mapped(const char *name)
        {
            char line[5000];
            int found = 0;
            FILE *maps = fopen("/proc/self/maps", "r");
            while (fgets(line, sizeof line, maps)) {
                line[strcspn(line, "\n")] = 0;
                char *path = strchr(line, '/');
                found |= path && strcmp(path, name) == 0;
            }
            fclose(maps);
            return found;
        }
        static void *work(void *argument)
        {
            long me = (long)argument;
            char in_view[FILES][4096], in_host[4096], name[300], link[4096], text[4096];
            int fds[FILES];
            struct stat a, b;
            struct statfs fs;
            for (int i = 0; i < rounds; i++) {
                for (int f = 0; f < FILES; f++) {
                    sprintf(name, "t%ld/f%d", me, f);
                    sprintf(in_view[f], "%s/%s", view, name);
                    sprintf(in_host, "%s/%s", host, name);
                    fds[f] = f % 4 == 0 ? open(in_view[f], O_RDWR | O_CREAT, 0600) : f % 4 == 1 ? openat(dir, name, O_RDONLY) : f % 4 == 2 ? open(name, O_RDONLY) : syscall(SYS_open, in_view[f], O_RDONLY);
                    CHECK(fds[f] >= 0 && fstat(fds[f], &a) == 0 && stat(in_host, &b) == 0 && same(&a, &b));
                    CHECK(stat(in_view[f], &a) == 0 && same(&a, &b) && fstatat(dir, name, &a, AT_SYMLINK_NOFOLLOW) == 0 && same(&a, &b));
                    CHECK(syscall(SYS_stat, in_view[f], &a) == 0 && same(&a, &b) && access(in_view[f], R_OK | W_OK) == 0 && statfs(in_view[f], &fs) == 0);
                }
                for (int f = 0; f < FILES; f++) {
                    CHECK(is_called(getpid(), fds[f], in_view[f]));
                    close(fds[f]);
                }
                sprintf(in_host, "%s/t%ld/own", host, me);
                sprintf(in_view[0], "%s/t%ld/own", view, me);
                for (int again = 0; again < 3; again++) {
                    int fd = open(in_host, O_RDONLY);
                    CHECK(is_called(getpid(), fd, in_host));
                    close(fd);
                    fd = open(in_view[0], O_RDONLY);
                    CHECK(is_called(getpid(), fd, in_view[0]));
                    char *map = mmap(0, 1, PROT_READ, MAP_PRIVATE, fd, 0);
                    CHECK(is_mapped(in_view[0]));
                    munmap(map, 1);
                    close(fd);
                }
                sprintf(link, "%s/t%ld/link", view, me);
                CHECK(stat(link, &a) == 0 && stat(in_host, &b) == 0 && same(&a, &b));
                CHECK(lstat(link, &a) == 0 && S_ISLNK(a.st_mode) && readlink(link, text, sizeof text) == strlen(in_view[0]) && memcmp(text, in_view[0], strlen(in_view[0])) == 0);
                int fd = open(link, O_RDONLY);
                CHECK(fd >= 0 && fstat(fd, &a) == 0 && same(&a, &b) && is_called(getpid(), fd, in_view[0]));
                close(fd);
                FAILS(open(link, O_RDONLY | O_NOFOLLOW), ELOOP);
                FAILS(getxattr(link, "user.none", text, sizeof text), ENODATA);
                sprintf(link, "%s/t%ld/none", view, me);
                FAILS(stat(link, &a), ENOENT);
                FAILS(open(link, O_RDONLY), ENOENT);
                sprintf(link, "%s/t%ld/own/none", view, me);
                FAILS(stat(link, &a), ENOTDIR);
                FAILS(stat(in_view[0], (struct stat *)8), EFAULT);
                memset(name, 'n', 250);
                name[250] = 0;
                sprintf(link, "%s/%s", view, name);
                CHECK(stat(link, &a) == 0 && (fd = open(link, O_RDONLY)) >= 0 && is_called(getpid(), fd, link));
                close(fd);
                sprintf(link, "%s/all", view);
                CHECK((fd = open(link, O_RDONLY)) >= 0 && is_called(getpid(), fd, link));
                if (i % 4 == 0) {
                    sprintf(in_view[1], "%s/fork%ld", view, me * 100 + i);
                    int unseen = open(in_view[1], O_RDONLY); // by the tracer, until the fork
                    int child = fork();
                    if (child == 0) {
                        CHECK(is_called(getpid(), unseen, in_view[1]));
                        CHECK(is_called(getpid(), fd, link) && is_called(getppid(), fd, link));
                        int other = open(in_view[0], O_RDONLY);
                        CHECK(is_called(getpid(), other, in_view[0]));
                        _exit(bad != 0);
                    }
                    int status;
                    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
                        ;
                    CHECK(status == 0);
                    close(unseen);
                }
                close(fd);
            }
            return 0;
        }
        static void make(const char *format, const char *where, long number)
        {
            char path[4096];
            sprintf(path, format, where, number);
            int fd = open(path, O_CREAT | O_WRONLY, 0644);
            CHECK(fd >= 0 && write(fd, path, strlen(path)) > 0);
            close(fd);
        }
        int main(int argc, char **argv)
        {
            int threads = atoi(argv[1]), microseconds = atoi(argv[3]);
            pthread_t t[64];
            char path[4096], to[4096], name[251] = {0};
            rounds = atoi(argv[2]);
            view = argv[4];
            host = argv[5];
            make("%s/all", host, 0);
            memset(name, 'n', 250);
            sprintf(path, "%s/%s", host, name);
            make("%s", path, 0);
            for (long i = 0; i < threads; i++) {
                sprintf(path, "%s/t%ld", host, i);
                mkdir(path, 0755);
                make("%s/own", path, i);
                sprintf(to, "%s/t%ld/own", view, i);
                strcat(path, "/link");
                CHECK(symlink(to, path) == 0);
                for (int f = 0; f < FILES; f++) {
                    sprintf(path, "%s/t%ld", host, i);
                    make("%s/f%ld", path, f);
                }
                for (int round = 0; round < rounds; round += 4)
                    make("%s/fork%ld", host, i * 100 + round);
            }
            CHECK(chdir(view) == 0);
            dir = open(view, O_RDONLY | O_DIRECTORY);
            struct sigaction action = {.sa_handler = tick};
            sigaction(SIGALRM, &action, 0);
            struct itimerval timer = {{0, microseconds}, {0, microseconds}}, none = {{0, 0}, {0, 0}};
            setitimer(ITIMER_REAL, &timer, 0);
            for (long i = 1; i < threads; i++)
                pthread_create(&t[i], 0, work, (void *)i);
            work(0);
            for (int i = 1; i < threads; i++)
                pthread_join(t[i], 0);
            setitimer(ITIMER_REAL, &none, 0);
            return bad != 0;
        }
        """;

    [Theory]
    [InlineData("Notify", 1, 1, 0)]
    [InlineData("Notify", 1, 48, 300)]
    [InlineData("Notify", 4, 48, 500)]
    [InlineData("Notify", 16, 1, 1000)]
    [InlineData("Ptrace", 1, 48, 300)]
    [InlineData("Ptrace", 4, 1, 500)]
    public void Files_inside_a_bind_are_called_as_they_were_opened(string transport, int threads, int after, int microseconds)
    {
        using var folder = new TempDirectory();
        var program = ChildProcess.Compile(Inside, folder);
        var (host, view) = (folder.Folder("host"), folder.Folder("view"));
        var outcome = ChildProcess.Hypervisor(after, transport, "vufs", host, view, program,
            threads.ToString(CultureInfo.InvariantCulture), (32 / threads + 2).ToString(CultureInfo.InvariantCulture), microseconds.ToString(CultureInfo.InvariantCulture), view, host);
        Assert.True(outcome.Status == 0, outcome.Output + outcome.Errors);
        Assert.True(int.Parse(Sites().Match(outcome.Errors).Groups[1].Value, CultureInfo.InvariantCulture) > 0, outcome.Errors);
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
        Assert.Equal(change == "first", Sites().Match(outcome.Errors).Groups[1].Value == "0");
    }

    /// <summary>Every call from there goes to a file of a bind and is rewritten, so the tracer lets none through as it is.</summary>
    [Theory]
    [InlineData("Notify")]
    [InlineData("Ptrace")]
    public void Calls_that_are_always_translated_are_decided_in_the_guest_too(string transport)
    {
        using var folder = new TempDirectory();
        var program = ChildProcess.Compile("""
            #include <sys/vfs.h>
            int main(int argc, char **argv)
            {
                struct statfs fs;
                for (int i = 0; i < 1000; i++)
                    if (statfs(argv[1], &fs) != 0)
                        return 1;
                return 0;
            }
            """, folder);
        var (host, view) = (folder.Folder("host"), folder.Folder("view"));
        File.WriteAllText(Path.Combine(host, "file"), "");
        var outcome = ChildProcess.Hypervisor(48, transport, "vufs", host, view, program, Path.Combine(view, "file"));
        Assert.True(outcome.Status == 0, outcome.Output + outcome.Errors);
        Assert.InRange(Traps().Match(outcome.Errors).Groups.Cast<Group>().Skip(1).Sum(static g => int.Parse(g.Value, CultureInfo.InvariantCulture)), 48, 400);
    }

    [GeneratedRegex(@"traps: (\d+) notifications, (\d+) stops")]
    private static partial Regex Traps();

    [GeneratedRegex(@"(\d+) call sites decide in the guest")]
    private static partial Regex Sites();
}
