// fork, vfork, clone, clone3, wait4, waitid, pidfd, groups and sessions.
#include "t.h"
#include <linux/sched.h>
#include <sys/prctl.h>
#include <poll.h>
#include <sys/pidfd.h>

static volatile int shared;
static pid_t first;
static char stack[65536] __attribute__((aligned(64)));

static void info(const char *what, siginfo_t *i, pid_t child) {
  SAY("%s: signo %d code %d status %d pid ok %d uid ok %d\n", what, i->si_signo, i->si_code, i->si_status, i->si_pid == child, i->si_uid == getuid());
}
static void dead(const char *what, void (*f)(void)) {
  pid_t p = fork();
  if (p == 0) { f(); _exit(0); }
  int s = -1;
  struct rusage u;
  long r = Q(SYS_wait4, p, &s, 0, &u);
  SAY("%s: ", what);
  how(r == p ? "waited" : "not waited", s);
}
static void exit0(void) {}
static void exit255(void) { _exit(255); }
static void exit256(void) { Q(SYS_exit_group, 256 + 7); }
static void exit_thread(void) { Q(SYS_exit, 3); }
static void segv(void) { *(volatile int *)1 = 1; }
static void killed(void) { kill(getpid(), SIGKILL); }
static void termed(void) { raise(SIGTERM); }
static void aborted(void) { abort(); }
static void fpe(void) { volatile int z = 0; z = 1 / z; }
static void ill(void) { __builtin_trap(); }
static void trapped(void) { asm volatile("int3"); }
static void rt(void) { raise(SIGRTMIN + 1); }
static void cpu(void) { struct rlimit l = {1, 1}; raise(SIGXCPU); }

static int cloned(void *arg) { shared = (int)(long)arg; return 17; }

int main(int argc, char **argv) {
  begin(argc, argv);
  struct rlimit nocore = {0, 0};
  setrlimit(RLIMIT_CORE, &nocore);
  int s;
  siginfo_t i;
  first = getpid();
  AREA("statuses");
  dead("exit 0", exit0), dead("exit 255", exit255), dead("exit_group 263", exit256), dead("exit", exit_thread), dead("segv", segv), dead("kill", killed);
  dead("term", termed), dead("abort", aborted), dead("fpe", fpe), dead("ill", ill), dead("int3", trapped), dead("rt signal", rt), dead("xcpu", cpu);

  AREA("wait arguments");
  T(SYS_wait4, -1, &s, 0, NULL);
  T(SYS_wait4, 1, &s, 0, NULL);
  T(SYS_wait4, getpid(), &s, 0, NULL);
  T(SYS_wait4, -1, &s, 0x40, NULL);
  T(SYS_wait4, INT_MIN, &s, 0, NULL);
  T(SYS_waitid, P_ALL, 0, &i, WEXITED, NULL);
  T(SYS_waitid, P_ALL, 0, &i, 0, NULL);
  T(SYS_waitid, 9, 0, &i, WEXITED, NULL);
  T(SYS_waitid, P_PIDFD, 77, &i, WEXITED, NULL);
  pid_t p = fork();
  if (p == 0) _exit(4);
  memset(&i, 0, sizeof i);
  V(Q(SYS_waitid, P_PID, p, &i, WEXITED | WNOWAIT, NULL)), info("nowait", &i, p);
  V(Q(SYS_waitid, P_PID, p, &i, WSTOPPED | WNOHANG, NULL)), V(i.si_pid);
  V(Q(SYS_wait4, p, WILD, 0, NULL));
  V(Q(SYS_wait4, p, &s, 0, NULL));

  AREA("stop and continue");
  p = fork();
  if (p == 0) { for (;;) pause(); }
  kill(p, SIGSTOP);
  V(Q(SYS_waitid, P_PID, p, &i, WSTOPPED, NULL)), info("stopped", &i, p);
  kill(p, SIGCONT);
  V(Q(SYS_waitid, P_PID, p, &i, WCONTINUED, NULL)), info("continued", &i, p);
  setpgid(p, p);  // a group whose parent is in another group of the session: SIGTSTP works there
  kill(p, SIGTSTP);
  V(Q(SYS_wait4, p, &s, WUNTRACED, NULL) == p), how("tstp", s);
  kill(p, SIGTERM);
  V(Q(SYS_wait4, p, &s, WNOHANG, NULL));
  kill(p, SIGCONT);
  V(Q(SYS_waitid, P_PID, p, &i, WEXITED, NULL)), info("ended", &i, p);
  p = fork();
  if (p == 0) { raise(SIGSTOP); _exit(6); }
  V(Q(SYS_wait4, p, &s, WUNTRACED, NULL) == p), how("self-stopped", s);
  kill(p, SIGKILL);
  V(Q(SYS_wait4, p, &s, WUNTRACED | WCONTINUED, NULL) == p), how("killed while stopped", s);

  AREA("vfork");
  p = vfork();
  if (p == 0) { shared = 11; _exit(1); }
  V(shared), waitpid(p, &s, 0), how("vfork", s);
  p = vfork();
  if (p == 0) { execl("/bin/sh", "sh", "-c", "exit 8", (char *)0); _exit(1); }
  waitpid(p, &s, 0), how("vfork+exec", s);
  p = vfork();
  if (p == 0) { execl("/nowhere/x", "x", (char *)0); _exit(errno == ENOENT ? 44 : 1); }
  waitpid(p, &s, 0), how("vfork+failed exec", s);

  AREA("clone");
  p = clone(cloned, stack + sizeof stack, SIGCHLD, (void *)21);
  waitpid(p, &s, 0), how("copy", s), V(shared);
  p = clone(cloned, stack + sizeof stack, CLONE_VM | SIGCHLD, (void *)22);
  waitpid(p, &s, 0), how("vm", s), V(shared);
  p = clone(cloned, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FS | CLONE_FILES | SIGUSR1 * 0, (void *)23);
  V(shared);
  V(waitpid(p, &s, 0)), V(waitpid(p, &s, __WCLONE) == p), how("no signal", s);
  int fd = open("/dev/null", O_RDONLY), ptid = 0, ctid = 0;
  p = clone(cloned, stack + sizeof stack, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, (void *)24, &ptid, NULL, &ctid);
  waitpid(p, &s, 0), V(ptid == p);
  T(SYS_clone, CLONE_THREAD, 0, 0, 0, 0);
  T(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0);
  T(SYS_clone, CLONE_NEWNS | CLONE_FS, 0, 0, 0, 0);
  T(SYS_clone, CLONE_PARENT_SETTID | CLONE_PIDFD | SIGCHLD, 0, &ptid, 0, 0);

  AREA("clone3");
  struct clone_args a = {.exit_signal = SIGCHLD};
  int pidfd = -1;
  a.flags = CLONE_PIDFD, a.pidfd = (uint64_t)&pidfd;
  p = (pid_t)Q(SYS_clone3, &a, sizeof a);
  if (p == 0) _exit(31);
  struct pollfd pf = {pidfd, POLLIN};
  V(poll(&pf, 1, 60000)), V(pf.revents), V(fcntl(pidfd, F_GETFD));
  V(Q(SYS_waitid, P_PIDFD, pidfd, &i, WEXITED, NULL)), info("pidfd", &i, p);
  T(SYS_pidfd_send_signal, pidfd, 0, NULL, 0);
  close(pidfd);
  T(SYS_clone3, NULL, sizeof a);
  T(SYS_clone3, WILD, sizeof a);
  T(SYS_clone3, &a, 0);
  T(SYS_clone3, &a, 63);
  T(SYS_clone3, &a, 5000);
  a.flags = 1ull << 40;
  T(SYS_clone3, &a, sizeof a);
  a.flags = 0, a.exit_signal = 200;
  T(SYS_clone3, &a, sizeof a);
  a.exit_signal = SIGCHLD, a.stack = 0, a.stack_size = 5;
  T(SYS_clone3, &a, sizeof a);
  pid_t tid = 0x7ffffff0;
  a.stack_size = 0, a.set_tid = (uint64_t)&tid, a.set_tid_size = 1;
  T(SYS_clone3, &a, sizeof a);

  AREA("pidfd");
  p = fork();
  if (p == 0) { for (;;) pause(); }
  pidfd = (int)Q(SYS_pidfd_open, p, 0);
  V(pidfd), V(fcntl(pidfd, F_GETFD));
  T(SYS_pidfd_open, 0, 0);
  T(SYS_pidfd_open, -1, 0);
  T(SYS_pidfd_open, 0x7ffffff0, 0);
  T(SYS_pidfd_open, getpid(), 0xf0000000);
  T(SYS_pidfd_getfd, pidfd, fd, 0);
  T(SYS_pidfd_getfd, pidfd, 77, 0);
  T(SYS_pidfd_getfd, pidfd, fd, 1);
  T(SYS_pidfd_getfd, fd, 0, 0);
  T(SYS_pidfd_send_signal, pidfd, 99, NULL, 0);
  T(SYS_pidfd_send_signal, fd, 9, NULL, 0);
  T(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
  waitpid(p, &s, 0), how("signalled", s);

  AREA("groups and sessions");
  V(getsid(0) == getpgrp());
  p = fork();
  if (p == 0) {
    V(setpgid(0, 0)), V(getpgrp() == getpid());
    T(SYS_setsid);
    T(SYS_setpgid, 0, -1);
    T(SYS_setpgid, 0x7ffffff0, 0);
    T(SYS_getpgid, 0x7ffffff0);
    T(SYS_getsid, 0x7ffffff0);
    V(getppid() == first);
    pid_t c = fork();
    if (c == 0) { V(Q(SYS_setsid) == getpid()), V(getpgrp() == getpid()); _exit(0); }
    waitpid(c, NULL, 0);
    _exit(0);
  }
  waitpid(p, &s, 0);
  AREA("orphans and subreapers");
  V(prctl(PR_SET_CHILD_SUBREAPER, 1));
  int pp[2];
  pipe(pp);
  p = fork();
  if (p == 0) {
    pid_t c = fork();
    if (c == 0) { char b; close(pp[1]); read(pp[0], &b, 1); SAY("orphan's parent is the subreaper: %d\n", getppid() == first); _exit(5); }
    _exit(0);
  }
  waitpid(p, &s, 0), how("middle", s);
  close(pp[1]);
  V(wait(&s) > 0), how("orphan", s);
  V(prctl(PR_SET_CHILD_SUBREAPER, 0));
  signal(SIGCHLD, SIG_IGN);
  p = fork();
  if (p == 0) _exit(1);
  V(waitpid(p, &s, 0)), V(errno == ECHILD);
  return 0;
}
