using System.Globalization;
using System.Text.RegularExpressions;

namespace Vuos.Actors.Tests.Support;

/// <summary>What programs that try the code in guests have in common, and what <c>--stats</c> says of them.</summary>
internal static partial class InGuestPrograms
{
    /// <summary>
    /// The beginning of a C program with the arguments THREADS ROUNDS MICROSECONDS: checks that count what is wrong, and <c>run</c>, which has all threads do its <c>work</c> under a timer whose handler has no SA_RESTART (0 us: none).
    /// </summary>
    public const string Threads = """
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/vfs.h>
        #include <sys/wait.h>
        #include <sys/xattr.h>
        #include <unistd.h>
        static volatile long ticks;
        static int threads, rounds, microseconds, bad;
        #define CHECK(c) do { if (!(c)) { __atomic_add_fetch(&bad, 1, __ATOMIC_RELAXED); printf("line %d: %s (errno %d)\n", __LINE__, #c, errno); } } while (0)
        #define FAILS(c, e) CHECK((c) == -1 && errno == (e))
        static void tick(int s) { ticks++; }
        static int same(struct stat *a, struct stat *b) { return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size; }
        static void *work(void *number);
        static void read_arguments(char **argv)
        {
            threads = atoi(argv[1]);
            rounds = atoi(argv[2]);
            microseconds = atoi(argv[3]);
        }
        static void run(void)
        {
            pthread_t t[64];
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
            CHECK(microseconds == 0 || ticks > 0);
        }

        """;

    /// <summary>How many places in programs lead to the code.</summary>
    public static int Sites(string statistics) => Number(SitesText().Match(statistics).Groups[1]);

    /// <summary>How many calls were notifications or stops.</summary>
    public static int Traps(string statistics) => TrapsText().Match(statistics).Groups.Cast<Group>().Skip(1).Sum(Number);

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) call sites decide in the guest")]
    private static partial Regex SitesText();

    [GeneratedRegex(@"traps: (\d+) notifications, (\d+) stops")]
    private static partial Regex TrapsText();
}
