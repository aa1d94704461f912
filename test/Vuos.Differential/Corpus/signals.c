// Signals: delivery, siginfo, masks, real-time queues, alternate stacks, restarting, signalfd, timers.
#include "t.h"
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/prctl.h>
#include <ucontext.h>

static volatile int count, order[64], values[64], codes[64], on_alt;
static char alt[65536];

static void note(int s, siginfo_t *i, void *u) {
  int here;
  on_alt = (char *)&here >= alt && (char *)&here < alt + sizeof alt;
  order[count % 64] = s, values[count % 64] = i->si_value.sival_int, codes[count % 64] = i->si_code;
  count++;
  // Naming calls inside a handler are trapped like any others.
  int e = errno;
  access("f", F_OK);
  errno = e;
}
static void install(int s, int flags) {
  struct sigaction a = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
  sigaction(s, &a, NULL);
}
static void told(const char *what) {
  SAY("%s: %d", what, count);
  for (int i = 0; i < count; i++) SAY(" %d/%d/%d", order[i], codes[i] > 0 ? 1 : codes[i], codes[i] == SI_QUEUE ? values[i] : 0);
  SAY(" alt %d\n", on_alt);
  count = 0, on_alt = 0;
}
static void block(int how, int s) {
  sigset_t m;
  sigemptyset(&m), sigaddset(&m, s);
  sigprocmask(how, &m, NULL);
}
// Sends a signal once the process sleeps, in the call that is to be interrupted: on a busy machine it may take long to get there.
static void interrupt(pid_t sleeper, int s) {
  char path[40], b[200], state;
  sprintf(path, "/proc/%d/stat", sleeper);
  do {
    usleep(20000);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, b, sizeof b - 1);
    close(fd);
    b[n < 0 ? 0 : n] = 0;
    char *end = strrchr(b, ')');
    state = end ? end[2] : 0;
  } while (state != 'S');
  kill(sleeper, s);
}
static pid_t later(int s, int times) {
  pid_t parent = getpid(), p = fork();
  if (p) return p;
  for (int i = 0; i < times; i++) interrupt(parent, s);
  _exit(0);
}

static void on_segv(int s, siginfo_t *i, void *u) {
  SAY("segv code %d address ok %d\n", i->si_code, i->si_addr == WILD);
  ucontext_t *c = u;
  c->uc_mcontext.gregs[REG_RIP] += 2;  // the movb below is two bytes long
}
static void on_ill(int s, siginfo_t *i, void *u) {
  SAY("signal %d code %d\n", s, i->si_code);
  if (s == SIGILL) ((ucontext_t *)u)->uc_mcontext.gregs[REG_RIP] += 2;
}

int main(int argc, char **argv) {
  begin(argc, argv);
  put("f", "x", 0644), mkfifo("p", 0644);
  sigset_t m;
  siginfo_t si;
  struct sigaction a;
  AREA("sigaction arguments");
  T(SYS_rt_sigaction, 0, NULL, NULL, 8);
  T(SYS_rt_sigaction, 65, NULL, NULL, 8);
  T(SYS_rt_sigaction, SIGKILL, &a, NULL, 8);
  T(SYS_rt_sigaction, SIGUSR1, NULL, WILD, 8);
  T(SYS_rt_sigaction, SIGUSR1, WILD, NULL, 8);
  T(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4);
  T(SYS_rt_sigprocmask, 9, &m, NULL, 8);
  T(SYS_rt_sigprocmask, SIG_BLOCK, WILD, NULL, 8);
  T(SYS_rt_sigprocmask, SIG_BLOCK, NULL, WILD, 8);
  T(SYS_kill, getpid(), 0);
  T(SYS_kill, getpid(), 65);
  T(SYS_kill, 0x7ffffff0, 0);
  T(SYS_tgkill, getpid(), getpid(), 0);
  T(SYS_tgkill, 0, 0, 0);
  T(SYS_tkill, -1, 9);
  T(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, WILD);

  AREA("delivery");
  install(SIGUSR1, 0), install(SIGUSR2, 0), install(SIGRTMIN, 0), install(SIGRTMIN + 1, 0);
  raise(SIGUSR1), told("raise");
  kill(getpid(), SIGUSR2), told("kill");
  sigqueue(getpid(), SIGUSR1, (union sigval){33}), told("sigqueue");
  block(SIG_BLOCK, SIGUSR1);
  for (int i = 0; i < 5; i++) sigqueue(getpid(), SIGUSR1, (union sigval){i});
  V(sigpending(&m)), V(sigismember(&m, SIGUSR1));
  block(SIG_UNBLOCK, SIGUSR1), told("5 standard signals merge");
  block(SIG_BLOCK, SIGRTMIN), block(SIG_BLOCK, SIGRTMIN + 1);
  for (int i = 0; i < 10; i++) sigqueue(getpid(), SIGRTMIN + (i & 1), (union sigval){i});
  access("f", F_OK);
  sigset_t rt;
  sigemptyset(&rt), sigaddset(&rt, SIGRTMIN), sigaddset(&rt, SIGRTMIN + 1);
  sigprocmask(SIG_UNBLOCK, &rt, NULL), V(count);
  int n[2] = {0, 0}, ordered = 1;
  for (int i = 0; i < count; i++) { int w = order[i] - SIGRTMIN; if (values[i] != n[w] * 2 + w) ordered = 0; n[w]++; }
  SAY("of each %d %d, in order %d\n", n[0], n[1], ordered), count = 0;
  for (int i = 0; i < 60; i++) { sigqueue(getpid(), SIGRTMIN, (union sigval){i}); open("none", O_RDONLY); }
  SAY("60 signals between naming calls: %d last %d\n", count, values[59]), count = 0;
  AREA("sigtimedwait");
  block(SIG_BLOCK, SIGRTMIN + 1);
  sigqueue(getpid(), SIGRTMIN + 1, (union sigval){77});
  struct timespec ts = {0, 20000000};
  T(SYS_rt_sigtimedwait, &rt, &si, &ts, 8);
  SAY("value %d code %d\n", si.si_value.sival_int, si.si_code);
  T(SYS_rt_sigtimedwait, &rt, &si, &ts, 8);
  T(SYS_rt_sigtimedwait, WILD, &si, &ts, 8);
  block(SIG_UNBLOCK, SIGRTMIN + 1);

  AREA("masks in handlers and flags");
  install(SIGUSR1, SA_RESETHAND), raise(SIGUSR1), told("resethand");
  sigaction(SIGUSR1, NULL, &a), V(a.sa_handler == SIG_DFL);
  install(SIGUSR1, SA_NODEFER), raise(SIGUSR1), told("nodefer");
  stack_t ss = {alt, 0, sizeof alt}, old;
  T(SYS_sigaltstack, &ss, NULL);
  install(SIGUSR1, SA_ONSTACK), raise(SIGUSR1), told("on the alternate stack");
  install(SIGUSR2, 0), raise(SIGUSR2), told("on the ordinary stack");
  T(SYS_sigaltstack, NULL, &old);
  V(old.ss_flags), V(old.ss_size);
  T(SYS_sigaltstack, WILD, NULL);
  ss.ss_size = 10;
  T(SYS_sigaltstack, &ss, NULL);
  ss.ss_flags = SS_DISABLE;
  T(SYS_sigaltstack, &ss, NULL);

  AREA("interrupted calls");
  install(SIGUSR1, 0);
  pid_t p = later(SIGUSR1, 1);
  T(SYS_pause), waitpid(p, NULL, 0), told("pause");
  p = later(SIGUSR1, 1);
  T(SYS_open, "p", O_RDONLY), waitpid(p, NULL, 0), told("open of a fifo");
  int fds[2];
  char b[8];
  pipe(fds);
  p = later(SIGUSR1, 1);
  T(SYS_read, fds[0], b, 1), waitpid(p, NULL, 0), told("read of a pipe");
  ts.tv_sec = 30;
  p = later(SIGUSR1, 1);
  T(SYS_nanosleep, &ts, NULL), waitpid(p, NULL, 0), told("nanosleep");
  p = later(SIGUSR1, 1);
  T(SYS_ppoll, NULL, 0, NULL, NULL, 8), waitpid(p, NULL, 0), told("ppoll");
  sigset_t none;
  sigemptyset(&none);
  block(SIG_BLOCK, SIGUSR1);
  p = later(SIGUSR1, 1);
  T(SYS_rt_sigsuspend, &none, 8), waitpid(p, NULL, 0), told("sigsuspend");
  block(SIG_UNBLOCK, SIGUSR1);

  AREA("restarted calls");
  install(SIGUSR1, SA_RESTART);
  p = fork();
  if (p == 0) {
    pid_t parent = getppid();
    for (int i = 0; i < 3; i++) interrupt(parent, SIGUSR1);
    usleep(40000);
    int w = open("p", O_WRONLY);
    for (int i = 0; i < 3; i++) interrupt(parent, SIGUSR1);
    usleep(40000);
    write(w, "late", 4);
    _exit(0);
  }
  int r = open("p", O_RDONLY);
  V(r >= 0), V(count);
  V(read(r, b, 4)), V(count), SAY("%.4s\n", b), count = 0;
  close(r), waitpid(p, NULL, 0);
  p = later(SIGUSR1, 3);
  int s;
  V(waitpid(p, &s, 0) == p), told("wait restarted");
  p = later(SIGUSR1, 1);
  ts = (struct timespec){30, 0};
  T(SYS_nanosleep, &ts, NULL), waitpid(p, NULL, 0), told("nanosleep is not restarted");
  p = later(SIGCONT, 2);
  V(read(fds[0], b, 0)), ts = (struct timespec){0, 100000000};
  T(SYS_nanosleep, &ts, NULL), waitpid(p, NULL, 0);

  AREA("synchronous");
  a = (struct sigaction){.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &a, NULL);
  asm volatile("mov $1, %%eax; movb %%al, (%%rax)" ::: "rax", "memory");
  a.sa_sigaction = on_ill;
  sigaction(SIGILL, &a, NULL), sigaction(SIGTRAP, &a, NULL);
  asm volatile("ud2");
  asm volatile("int3");

  AREA("signalfd");
  sigemptyset(&m), sigaddset(&m, SIGUSR1), sigaddset(&m, SIGRTMIN), sigprocmask(SIG_BLOCK, &m, NULL);
  int fd = (int)T(SYS_signalfd4, -1, &m, 8, SFD_NONBLOCK | SFD_CLOEXEC);
  sigqueue(getpid(), SIGRTMIN, (union sigval){5}), sigqueue(getpid(), SIGRTMIN, (union sigval){6}), kill(getpid(), SIGUSR1);
  struct signalfd_siginfo fi;
  while (read(fd, &fi, sizeof fi) == sizeof fi) SAY("signal %d code %d value %d pid ok %d\n", fi.ssi_signo, fi.ssi_code, fi.ssi_int, (pid_t)fi.ssi_pid == getpid());
  T(SYS_signalfd4, -1, &m, 4, 0);
  T(SYS_signalfd4, 0, &m, 8, 0);
  T(SYS_signalfd4, -1, WILD, 8, 0);
  T(SYS_signalfd4, -1, &m, 8, 1);
  sigprocmask(SIG_UNBLOCK, &m, NULL);

  AREA("timers");
  install(SIGALRM, 0), install(SIGUSR1, 0);
  struct itimerval it = {{0, 0}, {0, 20000}};
  T(SYS_setitimer, ITIMER_REAL, &it, NULL);
  while (!count) usleep(1000);
  told("setitimer");
  T(SYS_setitimer, 9, &it, NULL);
  T(SYS_setitimer, ITIMER_REAL, WILD, NULL);
  T(SYS_getitimer, ITIMER_REAL, WILD);
  T(SYS_alarm, 100);
  T(SYS_alarm, 0);
  timer_t t;
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = {91}};
  V(timer_create(CLOCK_MONOTONIC, &ev, &t));
  struct itimerspec its = {{0, 0}, {0, 10000000}};
  V(timer_settime(t, 0, &its, NULL));
  while (!count) usleep(1000);
  SAY("timer code %d value %d\n", codes[0], values[0]), count = 0;
  V(timer_delete(t));
  int tf = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  timerfd_settime(tf, 0, &its, NULL);
  uint64_t ticks;
  V(read(tf, &ticks, 8)), V(ticks);
  AREA("parent death signal");
  int pp[2];
  pipe(pp);
  p = fork();
  if (p == 0) {
    // Its end of the pipe stays open as long as it lives.
    if (fork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); write(pp[1], "x", 1); for (;;) pause(); }
    read(pp[0], b, 1);
    _exit(0);
  }
  close(pp[1]), waitpid(p, &s, 0);
  V(read(pp[0], b, 1));
  return 0;
}
