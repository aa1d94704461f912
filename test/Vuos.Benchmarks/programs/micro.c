// Does the loops and takes the times, so that no runtime of the driver is inside a measurement.
//   micro loop NAME MS THREADS PATH   run one operation for MS ms on THREADS threads (4p: in 4 processes); wall time per operation
//   micro run CMD...                  wall time of CMD, its output to /dev/null
//   micro drain CMD...                the same, its output through a pipe that is read and dropped
//   micro first CMD...                time until CMD printed its clock (tiny stamp)
//   micro over CMD -- CMD             median extra time of the first over the second, alternating
//   micro hold N                      N idle threads until standard input ends; prints "pid PID"
// Every mode but hold prints "ns NUMBER". Loops are limited by time and not by count, because the systems compared
// differ by two orders of magnitude.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "timing.h"

static int zero_fd, null_fd;
static const char *path;

static void op_getpid(void) { syscall(SYS_getpid); }
static void op_read1(void) { char b; if (read(zero_fd, &b, 1) != 1) die("read"); }
static void op_write1(void) { if (write(null_fd, "x", 1) != 1) die("write"); }
static void op_futex(void) { static int word; if (syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0) < 0) die("futex"); }
static void op_poll(void) { struct pollfd p = {null_fd, POLLOUT, 0}; if (poll(&p, 1, 0) < 0) die("poll"); }
static void op_clock(void) { now(); }
static void op_getcwd(void) { char name[4096]; if (syscall(SYS_getcwd, name, sizeof name) < 0) die("getcwd"); }
static void op_stat(void) { struct stat st; if (fstatat(AT_FDCWD, path, &st, 0) < 0) die(path); }

static void op_mmap(void)
{
    void *p = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        die("mmap");
    munmap(p, 4096);
}

static void op_openclose(void)
{
    int fd = openat(AT_FDCWD, path, O_RDONLY);
    if (fd < 0)
        die(path);
    close(fd);
}

static void *idle(void *unused) { return unused; }

static void op_thread(void)
{
    pthread_t t;
    if ((errno = pthread_create(&t, 0, idle, 0)))
        die("pthread_create");
    pthread_join(t, 0);
}

static void op_forkexec(void)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        execl(path, path, (char *)0);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) < 0 || status != 0)
        die("forkexec: the child failed");
}

// batch: operations between two looks at the clock; one look is about 30 ns.
static const struct loop { const char *name; void (*op)(void); int batch; } loops[] = {
    {"getpid", op_getpid, 64}, {"read1", op_read1, 64}, {"write1", op_write1, 64}, {"futex", op_futex, 64},
    {"mmap", op_mmap, 32}, {"poll", op_poll, 32}, {"clock", op_clock, 256}, {"getcwd", op_getcwd, 8}, {"stat", op_stat, 8},
    {"openclose", op_openclose, 8}, {"thread", op_thread, 1}, {"forkexec", op_forkexec, 1},
};

static const struct loop *chosen;
static int64_t limit_ns;
static pthread_barrier_t *gate;

// One a thread, on a cache line of its own.
struct share { int64_t n, start, end; char line[40]; };

static void *worker(void *mine)
{
    struct share *share = mine;
    for (int i = 0; i < chosen->batch; i++)
        chosen->op(); // warm: first faults, first path walk
    pthread_barrier_wait(gate);
    int64_t start = now(), end = start, n = 0;
    do {
        for (int i = 0; i < chosen->batch; i++)
            chosen->op();
        n += chosen->batch;
        end = now();
    } while (end - start < limit_ns);
    *share = (struct share){.n = n, .start = start, .end = end};
    return 0;
}

static int loop(char **argv)
{
    enum { MAX = 256 };
    static pthread_t threads[MAX];
    char *end_of_number;
    int t = strtol(argv[2], &end_of_number, 10), processes = *end_of_number == 'p';
    // Shared by processes.
    struct { pthread_barrier_t gate; struct share shares[MAX]; } *all = mmap(0, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        die("mmap");
    struct share *shares = all->shares;
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        if (!strcmp(argv[0], loops[i].name))
            chosen = &loops[i];
    if (!chosen || t < 1 || t > MAX)
        return 2;
    limit_ns = atoll(argv[1]) * 1000000;
    path = argv[3];
    zero_fd = open("/dev/zero", O_RDONLY);
    null_fd = open("/dev/null", O_WRONLY);
    if (zero_fd < 0 || null_fd < 0)
        die("/dev");
    pthread_barrierattr_t shared;
    pthread_barrierattr_init(&shared);
    pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    gate = &all->gate;
    pthread_barrier_init(gate, &shared, t);
    for (int i = 1; i < t; i++) {
        if (processes) {
            pid_t pid = fork();
            if (pid < 0)
                die("fork");
            if (pid == 0) {
                worker(&shares[i]);
                _exit(0);
            }
        } else if ((errno = pthread_create(&threads[i], 0, worker, &shares[i])))
            die("pthread_create");
    }
    worker(&shares[0]); // the first thread takes part: with one thread the guest is a process without threads
    int64_t start = shares[0].start, end = shares[0].end, total = shares[0].n;
    for (int i = 1; i < t; i++) {
        int status = 0;
        if (processes ? wait(&status) < 0 || status : (errno = pthread_join(threads[i], 0)))
            die("wait");
    }
    for (int i = 1; i < t; i++) {
        total += shares[i].n;
        start = shares[i].start < start ? shares[i].start : start;
        end = shares[i].end > end ? shares[i].end : end;
    }
    printf("ns %.1f\n", (double)(end - start) / total);
    return 0;
}

// Runs a command with its output on fd, or on ours if fd is -1.
static pid_t spawn(char **argv, int fd, int unwanted)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        if (fd >= 0)
            dup2(fd, 1);
        if (unwanted >= 0)
            close(unwanted);
        execvp(argv[0], argv);
        fprintf(stderr, "micro: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    return pid;
}

static void finish(pid_t pid, const char *name)
{
    int status;
    if (waitpid(pid, &status, 0) < 0)
        die("waitpid");
    if (status) {
        fprintf(stderr, "micro: %s: wait status 0x%x\n", name, status);
        _exit(1);
    }
}

static int64_t run(char **argv)
{
    int64_t start = now();
    finish(spawn(argv, null_fd, -1), argv[0]);
    return now() - start;
}

static int piped(char **argv, int first)
{
    static char buffer[1 << 16];
    int p[2];
    ssize_t got, held = 0;
    if (pipe2(p, O_CLOEXEC) < 0)
        die("pipe2");
    int64_t start = now();
    pid_t pid = spawn(argv, p[1], p[0]);
    close(p[1]);
    while ((got = read(p[0], buffer + (first ? held : 0), first ? sizeof buffer - 1 - held : sizeof buffer)) > 0)
        held += got;
    finish(pid, argv[0]);
    int64_t wall = now() - start;
    if (first) {
        char *end;
        long long stamp = strtoll(buffer, &end, 10);
        if (end == buffer || stamp < start) {
            fprintf(stderr, "micro: %s printed no clock\n", argv[0]);
            return 1;
        }
        wall = stamp - start;
    } else if (held == 0) {
        fprintf(stderr, "micro: %s wrote nothing\n", argv[0]);
        return 1;
    }
    printf("ns %lld\n", (long long)wall);
    return 0;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int over(char **argv)
{
    enum { TIMES = 9 };
    int64_t extra[TIMES];
    char **second = argv;
    while (*second && strcmp(*second, "--"))
        second++;
    if (!*second)
        return 2;
    *second++ = 0;
    run(argv);
    run(second);
    for (int i = 0; i < TIMES; i++) {
        int64_t a = run(argv);
        extra[i] = a - run(second);
    }
    qsort(extra, TIMES, sizeof *extra, ascending);
    printf("ns %lld\n", (long long)extra[TIMES / 2]);
    return 0;
}

static void *sleeper(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static int hold(int n)
{
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < n; i++) {
        pthread_t t;
        if ((errno = pthread_create(&t, &small, sleeper, 0)))
            die("pthread_create");
    }
    printf("pid %d\n", (int)getpid());
    fflush(stdout);
    char b;
    while (read(0, &b, 1) > 0)
        ;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && !strcmp(argv[1], "loop"))
        return loop(argv + 2);
    if (argc == 3 && !strcmp(argv[1], "hold"))
        return hold(atoi(argv[2]));
    null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null_fd < 0)
        die("/dev/null");
    if (argc > 2 && !strcmp(argv[1], "run")) {
        printf("ns %lld\n", (long long)run(argv + 2));
        return 0;
    }
    if (argc > 2 && !strcmp(argv[1], "drain"))
        return piped(argv + 2, 0);
    if (argc > 2 && !strcmp(argv[1], "first"))
        return piped(argv + 2, 1);
    if (argc > 2 && !strcmp(argv[1], "over"))
        return over(argv + 2);
    fputs("micro: see the head of micro.c\n", stderr);
    return 2;
}
