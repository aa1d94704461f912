// Guests that confine themselves: strict mode, filters with every action, no_new_privs, inheritance.
#include "t.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <ucontext.h>

#define STMT(c, k) ((struct sock_filter)BPF_STMT(c, k))
#define JUMP(c, k, t, f) ((struct sock_filter)BPF_JUMP(c, k, t, f))

// A filter that answers one call with an action and allows all others.
static long confine(int nr, unsigned action, unsigned flags) {
  struct sock_filter f[] = {
    STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
    STMT(BPF_RET | BPF_K, action), STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog p = {4, f};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return Q(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}
static void on_sys(int s, siginfo_t *i, void *u) {
  SAY("SIGSYS code %d errno %d call %d arch ok %d\n", i->si_code, i->si_errno, i->si_syscall, i->si_arch == AUDIT_ARCH_X86_64);
  ((ucontext_t *)u)->uc_mcontext.gregs[REG_RAX] = -EXDEV;
}
static void on_errno(void *a) {
  V(confine(SYS_openat, SECCOMP_RET_ERRNO | 123, 0));
  T(SYS_openat, AT_FDCWD, "f", O_RDONLY);
  TOK(SYS_open, "f", O_RDONLY);
  V(confine(SYS_open, SECCOMP_RET_ERRNO | 0, 0));
  T(SYS_open, "f", O_RDONLY);
  V(confine(SYS_mkdir, SECCOMP_RET_ERRNO | 0xffff, 0));
  T(SYS_mkdir, "m", 0755);
  V(confine(SYS_mkdir, SECCOMP_RET_ERRNO | 5, 0));
  T(SYS_mkdir, "m", 0755);
  pid_t p = fork();
  if (p == 0) { T(SYS_openat, AT_FDCWD, "f", O_RDONLY); _exit(0); }
  waitpid(p, NULL, 0);
  T(SYS_rename, "f", "g");
  T(SYS_rename, "g", "f");
}
static void on_trap(void *a) {
  struct sigaction sa = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &sa, NULL);
  V(confine(SYS_stat, SECCOMP_RET_TRAP | 7, 0));
  struct stat st;
  T(SYS_stat, "f", &st);
  T(SYS_lstat, "f", &st);
  V(confine(SYS_getppid, SECCOMP_RET_TRAP, 0));
  T(SYS_getppid);
}
static void on_kill_thread(void *a) { confine(SYS_mkdir, SECCOMP_RET_KILL_THREAD, 0); T(SYS_mkdir, "x", 0755); }
static void on_kill_process(void *a) { confine(SYS_mkdir, SECCOMP_RET_KILL_PROCESS, 0); T(SYS_mkdir, "x", 0755); }
static void on_trap_default(void *a) { confine(SYS_mkdir, SECCOMP_RET_TRAP, 0); T(SYS_mkdir, "x", 0755); }
static void on_trace(void *a) { V(confine(SYS_mkdir, SECCOMP_RET_TRACE, 0)); T(SYS_mkdir, "traced", 0755); }
static void on_log(void *a) { V(confine(SYS_mkdir, SECCOMP_RET_LOG, 0)); T(SYS_mkdir, "logged", 0755); }
static void strict_ok(void *a) { prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); Q(SYS_write, 1, "strict\n", 7); Q(SYS_exit, 4); }
static void strict_bad(void *a) { prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); Q(SYS_getpid); Q(SYS_exit, 4); }
static void strict_open(void *a) { prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); Q(SYS_open, "f", 0); Q(SYS_exit, 4); }
static void across_exec(void *a) {
  V(confine(SYS_mkdir, SECCOMP_RET_ERRNO | EDOM, 0));
  execl("/bin/mkdir", "mkdir", "by-exec", (char *)0);
}
static void *thread_sees(void *a) { return (void *)Q(SYS_mkdir, "by-thread", 0755); }
static void threads(void *a) {
  V(confine(SYS_mkdir, SECCOMP_RET_ERRNO | EDOM, SECCOMP_FILTER_FLAG_TSYNC));
  pthread_t t;
  void *r;
  pthread_create(&t, NULL, thread_sees, 0), pthread_join(t, &r);
  show("mkdir in a thread", (long)r, 0);
}
static void nnp(void *a) {
  V(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), V(prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0)), V(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  V(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  V(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
}
static void listener(void *a) {
  struct sock_filter f[] = {STMT(BPF_LD | BPF_W | BPF_ABS, 0), JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sethostname, 0, 1), STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
                            STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog p = {4, f};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  TOK(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  struct rlimit nocore = {0, 0};
  setrlimit(RLIMIT_CORE, &nocore);
  put("f", "x", 0644);
  AREA("arguments");
  unsigned action = SECCOMP_RET_ERRNO;
  T(SYS_seccomp, 99, 0, NULL);
  T(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL);
  T(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, WILD);
  T(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0x1000, NULL);
  T(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
  struct seccomp_notif_sizes sizes;
  T(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
  AREA("what is set at the start");
  V(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), V(prctl(PR_GET_SECCOMP));
  AREA("no_new_privs"), in_child(nnp, 0);
  AREA("errno"), how("ended", in_child(on_errno, 0));
  AREA("trap"), how("ended", in_child(on_trap, 0));
  AREA("trap, default handler"), how("ended", in_child(on_trap_default, 0));
  AREA("kill thread"), how("ended", in_child(on_kill_thread, 0));
  AREA("kill process"), how("ended", in_child(on_kill_process, 0));
  AREA("trace without a tracer"), how("ended", in_child(on_trace, 0)), V(access("traced", F_OK));
  AREA("log"), how("ended", in_child(on_log, 0));
  AREA("strict"), how("strict, write", in_child(strict_ok, 0)), how("strict, getpid", in_child(strict_bad, 0)), how("strict, open", in_child(strict_open, 0));
  AREA("across exec"), how("ended", in_child(across_exec, 0));
  AREA("threads"), how("ended", in_child(threads, 0));
  AREA("a listener of its own"), how("ended", in_child(listener, 0));
  return 0;
}
