// A storm: many threads open, stat and read at once while processes fork, vfork, exec, are killed, threads signal each
// other, come and go. Usage: storm SECONDS THREADS DIRECTORY SEED. Prints "ready", then failures by kind: all zero, anywhere.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 64, MAX_THREADS = 2000 };
enum kind { OPEN, CONTENT, STAT, MISSING, CREATE, RENAME, FORK, VFORK, EXEC, KILL, CHURN, SIGNALS, THREAD_EXEC, KINDS };
static const char *names[KINDS] = {"open", "content", "stat", "missing", "create", "rename", "fork", "vfork", "exec", "kill", "churn", "signals", "thread-exec"};
static atomic_long bad[KINDS], done[KINDS];
static atomic_int stop_now;
static const char *dir;
static pthread_t workers[MAX_THREADS];
static int count;
static atomic_int started;
static uint64_t seed;

static void fails(enum kind k, int error) {
  if (atomic_fetch_add(&bad[k], 1) == 0) fprintf(stderr, "%s: first failure: %s\n", names[k], strerrorname_np(error) ? strerrorname_np(error) : "-");
}
static void check(enum kind k, int good) {
  int e = errno;
  atomic_fetch_add(&done[k], 1);
  if (!good) fails(k, e);
}
static uint32_t next(uint64_t *s) {
  *s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
  return (uint32_t)(*s >> 16);
}
static void name(char *out, int i, int absolute) { sprintf(out, absolute ? "%s/file%d" : "%.0sfile%d", dir, i); }

static int status_of(pid_t p) {
  int s;
  while (waitpid(p, &s, 0) < 0)
    if (errno != EINTR) return -1;
  return s;
}

static atomic_long handled;
static void handler(int s) { atomic_fetch_add(&handled, 1); }

static void reads(uint64_t *s) {
  char path[4200], want[64], got[64];
  int i = next(s) % FILES;
  struct stat st;
  name(path, i, next(s) & 1);
  int n = sprintf(want, "content of %d\n", i);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  check(OPEN, fd >= 0);
  if (fd >= 0) {
    ssize_t r = read(fd, got, sizeof got);
    check(CONTENT, r == n && !memcmp(want, got, n));
    close(fd);
  }
  check(STAT, stat(path, &st) == 0 && st.st_size == n && S_ISREG(st.st_mode));
  strcat(path, ".none");
  int r = next(s) & 1 ? open(path, O_RDONLY) : access(path, F_OK);
  check(MISSING, r == -1 && errno == ENOENT);
}

static void writes(uint64_t *s, int id) {
  char a[4200], b[4200], got[16] = "";
  sprintf(a, "%s/own%d", next(s) & 1 ? dir : ".", id), sprintf(b, "%s/other%d", dir, id);
  int fd = open(a, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  check(CREATE, fd >= 0 && write(fd, "mine", 4) == 4);
  close(fd);
  check(RENAME, rename(a, b) == 0);
  fd = open(b, O_RDONLY | O_CLOEXEC);
  check(CONTENT, fd >= 0 && read(fd, got, 10) == 4 && !strcmp(got, "mine"));
  close(fd);
  check(RENAME, unlink(b) == 0);
}

static void *short_life(void *arg) {
  uint64_t s = (uintptr_t)arg | 1;
  reads(&s);
  return (void *)7;
}

static void *exec_true(void *arg) {
  execl("/bin/true", "true", (char *)0);
  _exit(98);
}

static void processes(uint64_t *s) {
  pid_t p;
  int status;
  pthread_t t;
  sigset_t all, old;
  sigfillset(&all);
  switch (next(s) % 6) {
    case 0:
      if ((p = fork()) == 0) { char path[4200]; name(path, 3, 1); _exit(access(path, R_OK) == 0 ? 5 : 6); }
      check(FORK, p > 0 && (status = status_of(p)) == 5 << 8);
      break;
    case 1:
      pthread_sigmask(SIG_BLOCK, &all, &old);  // a handler must not run on the shared stack
      if ((p = vfork()) == 0) { execl("/bin/true", "true", (char *)0); _exit(97); }
      pthread_sigmask(SIG_SETMASK, &old, NULL);
      check(VFORK, p > 0 && (status = status_of(p)) == 0);
      break;
    case 2:
      if ((p = fork()) == 0) { execl("/bin/false", "false", (char *)0); _exit(97); }
      check(EXEC, p > 0 && (status = status_of(p)) == 1 << 8);
      break;
    case 3:  // killed anywhere: at work, in fork, in exec
      if ((p = fork()) == 0) {
        uint64_t r = *s | 1;
        for (;;) { reads(&r); if (next(&r) % 8 == 0 && fork() == 0) _exit(0); }
      }
      usleep(next(s) % 3000);
      kill(p, SIGKILL);
      status = status_of(p);
      check(KILL, p > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
      break;
    case 4:  // a thread that is not the leader calls exec, others are at work
      if ((p = fork()) == 0) {
        for (int i = 0; i < 3; i++) pthread_create(&t, NULL, short_life, (void *)(uintptr_t)(i + 1));
        pthread_create(&t, NULL, exec_true, NULL);
        for (;;) pause();
      }
      check(THREAD_EXEC, p > 0 && (status = status_of(p)) == 0);
      break;
    default:  // a child with threads, killed
      if ((p = fork()) == 0) {
        for (int i = 0; i < 4; i++) pthread_create(&t, NULL, short_life, (void *)(uintptr_t)(i + 1));
        usleep(next(s) % 1000);
        raise(SIGKILL);
      }
      status = status_of(p);
      check(KILL, p > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
}

static void *worker(void *arg) {
  int id = (int)(intptr_t)arg;
  uint64_t s = seed * 7919 + id * 104729 + 1;
  while (!stop_now) {
    int what = next(&s) % 100;
    if (id % 20 == 3 && what < 30) processes(&s);
    else if (id % 10 == 1 && what < 20) {
      pthread_t t;
      void *result = 0;
      int r = pthread_create(&t, NULL, short_life, (void *)(uintptr_t)next(&s));
      if (r == 0) pthread_join(t, &result);
      errno = r;
      check(CHURN, r == 0 && result == (void *)7);
    } else if (id % 10 == 2 && what < 50 && started) check(SIGNALS, pthread_kill(workers[next(&s) % started], SIGUSR1) == 0);
    else if (what < 10) writes(&s, id);
    else reads(&s);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  int seconds = atoi(argv[1]);
  count = atoi(argv[2]), dir = argv[3], seed = strtoull(argv[4], NULL, 10);
  if (count < 1 || count > MAX_THREADS || chdir(dir) != 0) return 3;
  for (int i = 0; i < FILES; i++) {
    char path[4200], text[64];
    name(path, i, 1);
    int n = sprintf(text, "content of %d\n", i), fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, n) != n) return 4;
    close(fd);
  }
  // SA_RESTART: no open, stat or wait may fail with EINTR because of the signals.
  struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &a, NULL);
  pthread_attr_t small;
  pthread_attr_init(&small), pthread_attr_setstacksize(&small, 256 * 1024);
  printf("ready\n"), fflush(stdout);
  for (int i = 0; i < count; i++) {
    pthread_t t;
    int r = pthread_create(&t, &small, worker, (void *)(intptr_t)i);
    if (r) { printf("pthread_create: %s\n", strerrorname_np(r)); return 5; }
    // Signals go to these, not to this thread: while one is pending it makes no other (clone(2) begins again), and they come without a pause.
    workers[i] = t;
    started = i + 1;
  }
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += seconds;
  // On a busy machine it goes on until everything has happened once.
  int idle = KINDS;
  for (int longer = 0; longer < 120 && idle > 0; longer++, end.tv_sec++) {
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {}
    idle = 0;
    for (int k = 0; k < KINDS; k++) idle += done[k] == 0;
  }
  stop_now = 1;
  for (int i = 0; i < count; i++) pthread_join(workers[i], NULL);
  // Descendants of killed children have another parent; ours have all been waited for.
  check(FORK, waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  for (int k = 0; k < KINDS; k++) printf("%s failures %ld\n", names[k], bad[k]);
  printf("kinds that never happened %d\nsignals handled %d\n", idle, handled > 0);
  long total = 0;
  for (int k = 0; k < KINDS; k++) total += done[k];
  char path[4200];
  sprintf(path, "%s/operations", dir);
  FILE *f = fopen(path, "w");  // not on standard output: it differs from run to run
  fprintf(f, "%ld\n", total), fclose(f);
  return 0;
}
