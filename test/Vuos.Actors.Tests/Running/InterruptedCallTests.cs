using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Running;

/// <summary>Signals that come while a call waits for the tracer, which is most of its time when many threads call at once.</summary>
public sealed class InterruptedCallTests
{
    /// <summary>Handlers have no SA_RESTART. lstat and the open of a file know no EINTR; the open of a fifo without a writer, and the read of an empty pipe, do.</summary>
    private const string Interrupted = """
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <unistd.h>
        enum { THREADS = 8, CALLS = 3000 };
        static volatile int signals;
        static int finished;
        static pthread_t workers[THREADS];
        static void count(int s) { signals++; }
        static void *work(void *path)
        {
            struct stat st;
            void *failed = 0;
            for (int i = 0; i < CALLS && !failed; i++) {
                int fd;
                if (lstat(path, &st) < 0)
                    failed = "lstat";
                else if ((fd = open(path, O_RDONLY)) < 0)
                    failed = "open";
                else
                    close(fd);
            }
            __atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
            return failed;
        }
        static void *pester(void *unused)
        {
            while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) < THREADS)
                for (int i = 0; i < THREADS; i++)
                    pthread_kill(workers[i], SIGUSR1);
            return 0;
        }
        int main(int argc, char **argv)
        {
            struct sigaction handler = {.sa_handler = count};
            sigaction(SIGUSR1, &handler, 0);
            sigaction(SIGALRM, &handler, 0);
            pthread_t pesterer;
            void *failed = 0, *one;
            for (int i = 0; i < THREADS; i++)
                pthread_create(&workers[i], 0, work, argv[1]);
            pthread_create(&pesterer, 0, pester, 0);
            // First: a thread that was joined can no longer be sent anything.
            pthread_join(pesterer, 0);
            for (int i = 0; i < THREADS; i++) {
                pthread_join(workers[i], &one);
                if (one)
                    failed = one;
            }
            if (failed)
                return printf("%s was interrupted\n", (char *)failed), 1;
            // Repeated, because the first one may come before the open.
            struct itimerval soon = {{0, 20000}, {0, 20000}};
            setitimer(ITIMER_REAL, &soon, 0);
            if (open(argv[2], O_RDONLY) >= 0 || errno != EINTR)
                return printf("the fifo: %s\n", strerror(errno)), 1;
            int ends[2];
            char byte;
            pipe(ends);
            if (read(ends[0], &byte, 1) >= 0 || errno != EINTR)
                return printf("the pipe: %s\n", strerror(errno)), 1;
            return printf("%s\n", signals > 100 ? "interrupted" : "too few signals"), 0;
        }
        """;

    [Theory]
    [InlineData("Notify")]
    [InlineData("Ptrace")]
    public void Only_calls_that_may_be_interrupted_are(string transport)
    {
        using var folder = new TempDirectory();
        var program = ChildProcess.Compile(Interrupted, folder);
        folder.File("file", []);
        Assert.Equal(0, ChildProcess.Run("mkfifo", [folder.At("fifo")]).Status);
        var outcome = ChildProcess.Hypervisor(0, transport, "vufs", "/usr/share", folder.Folder("target"), program, folder.At("file"), folder.At("fifo"));
        Assert.True(outcome.Output == "interrupted\n", outcome.Output + outcome.Errors);
        Assert.Equal(0, outcome.Status);
    }
}
