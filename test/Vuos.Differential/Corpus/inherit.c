// What a program finds at its start: descriptors, signals, limits, environment, credentials, terminal, auxiliary vector.
#include "t.h"
#include <linux/auxvec.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>

extern char **environ;

int main(int argc, char **argv) {
  AREA("descriptors");
  for (int i = 0; i < 1024; i++) {
    int flags = fcntl(i, F_GETFL);
    if (flags >= 0) SAY("%d flags %x cloexec %d offset %s\n", i, flags & ~O_LARGEFILE, fcntl(i, F_GETFD), lseek(i, 0, SEEK_CUR) >= 0 ? "yes" : "no");
  }
  begin(argc, argv);
  AREA("signals");
  sigset_t m;
  Q(SYS_rt_sigprocmask, 0, NULL, &m, 8), Q(SYS_rt_sigpending, &m, 8);
  for (int s = 1; s < 65; s++) {
    struct { void *h; unsigned long f; void *r; unsigned long mask; } a;
    if (Q(SYS_rt_sigaction, s, NULL, &a, 8) == 0 && a.h) SAY("%d handled %d\n", s, a.h == (void *)1 ? 1 : 2);
  }
  unsigned long mask = 0;
  T(SYS_rt_sigprocmask, 0, NULL, &mask, 8);
  V(mask);
  T(SYS_rt_sigpending, &mask, 8);
  V(mask);
  stack_t ss;
  sigaltstack(NULL, &ss), V(ss.ss_flags);
  AREA("limits");
  for (int i = 0; i < 16; i++) { struct rlimit r; getrlimit(i, &r); SAY("%d %ld %ld\n", i, (long)r.rlim_cur, (long)r.rlim_max); }
  AREA("process");
  V(getpid() == getsid(0)), V(getpgrp() == getsid(0)), V(getpriority(PRIO_PROCESS, 0)), V(umask(022)), V(prctl(PR_GET_DUMPABLE)), V(prctl(PR_GET_PDEATHSIG, &mask)), V(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  V(prctl(PR_GET_SECCOMP)), V(prctl(PR_GET_TIMERSLACK)), V(prctl(PR_GET_CHILD_SUBREAPER, &mask)), V(mask), V(prctl(PR_GET_TSC, &mask)), V(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)), V(personality(0xffffffff)), V(prctl(PR_GET_KEEPCAPS));
  V(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0)), V(prctl(66, 0, 0, 0, 0)), V(sched_getscheduler(0)), V(Q(SYS_ioprio_get, 1, 0));
  cpu_set_t c;
  sched_getaffinity(0, sizeof c, &c), V(CPU_COUNT(&c) == sysconf(_SC_NPROCESSORS_CONF)), V(CPU_COUNT(&c));
  AREA("environment");
  for (char **e = environ; *e; e++) {
    int known = !strncmp(*e, "PATH=", 5) || !strncmp(*e, "PWD=", 4) || !strncmp(*e, "OLDPWD=", 7) || !strncmp(*e, "VUOS_DIFF_RUN=", 14) || !strncmp(*e, "_=", 2);
    SAY("%.*s\n", known ? (int)strcspn(*e, "=") : 200, *e);
  }
  V(argc), V(!strcmp(getenv("PWD") ? getenv("PWD") : "", argv[1]));
  AREA("auxiliary vector");
  static const int keys[] = {AT_PAGESZ, AT_CLKTCK, AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE, AT_FLAGS, AT_PHENT, AT_PHNUM};
  for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) SAY("%d: %ld\n", keys[i], getauxval(keys[i]));
  V(getauxval(AT_SYSINFO_EHDR) != 0), V(getauxval(AT_RANDOM) != 0), V(getauxval(AT_BASE) != 0), V(!strcmp((char *)getauxval(AT_EXECFN), argv[0])), V(!strcmp((char *)getauxval(AT_PLATFORM), "x86_64"));
  AREA("terminal");
  T(SYS_open, "/dev/tty", O_RDWR);
  V(isatty(0)), V(isatty(1));
  AREA("children");
  T(SYS_wait4, -1, NULL, WNOHANG, NULL);
  return 0;
}
