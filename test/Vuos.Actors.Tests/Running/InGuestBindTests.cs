using System.Globalization;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Running;

/// <summary>Names inside binds, translated in the guest: the right files, and descriptors that are shown as they were opened.</summary>
public sealed class InGuestBindTests
{
    /// <summary>
    /// THREADS ROUNDS MICROSECONDS VIEW HOST, where HOST is bound to VIEW and the working directory: files are opened by all their names, many at once, and descriptors must be shown by those. Files of a thread
    /// are its own, but for one that all open.
    /// </summary>
    private const string Inside = InGuestPrograms.Threads + """
        enum { FILES = 40 };
        static const char *view, *host;
        static int dir;
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
            char path[4096], to[4096], name[251] = {0};
            read_arguments(argv);
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
            run();
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
        Assert.True(InGuestPrograms.Sites(outcome.Errors) > 0, outcome.Errors);
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
        Assert.InRange(InGuestPrograms.Traps(outcome.Errors), 48, 400);
    }
}
