// Every call number with arguments that are all alike: zeros, minus ones, wild pointers, kernel pointers, small numbers.
// Each in a child of its own, as some have an effect. Calls that could hurt the machine or end nowhere are left out.
#include "t.h"
#include <sys/prctl.h>

static const int skip[] = {
  SYS_exit, SYS_exit_group, SYS_fork, SYS_vfork, SYS_clone, SYS_clone3, SYS_rt_sigreturn, SYS_pause, SYS_rt_sigsuspend, SYS_reboot, SYS_kexec_load,
  SYS_kexec_file_load, SYS_sync, SYS_syncfs, SYS_vhangup, SYS_kill, SYS_tkill, SYS_tgkill, SYS_sethostname, SYS_setdomainname, SYS_acct, SYS_settimeofday,
  SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_swapoff, SYS_swapon, SYS_syslog, SYS_iopl, SYS_ioperm, SYS_munmap, SYS_mprotect, SYS_mlockall,
  SYS_restart_syscall, SYS_select, SYS_poll, SYS_ppoll, SYS_pselect6, SYS_msgrcv, SYS_wait4, SYS_bpf, SYS_init_module, SYS_finit_module, SYS_delete_module,
  SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_modify_ldt, SYS_arch_prctl, SYS_nanosleep, SYS_brk, SYS_mremap, SYS_personality, SYS_set_tid_address,
  SYS_chroot, SYS_unshare, SYS_pivot_root, SYS_ptrace, SYS_munlockall, SYS_quotactl, SYS_seccomp, SYS_shmget, SYS_semget, SYS_msgget,
};
// Successes of these are numbers that differ from run to run.
static const int varies[] = {
  SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgrp, SYS_getpgid, SYS_getsid, SYS_setsid, SYS_time, SYS_times, SYS_mmap, SYS_getcpu, SYS_shmat, SYS_keyctl, SYS_add_key, SYS_alarm, SYS_umask, SYS_membarrier, SYS_sched_getaffinity, SYS_setpgid, SYS_perf_event_open, SYS_userfaultfd, SYS_semctl,
};

static int in(const int *list, size_t n, int x) {
  for (size_t i = 0; i < n; i++) if (list[i] == x) return 1;
  return 0;
}

// Neither a descriptor nor a process: above every pid_max (2^22) and every limit of descriptors. An address that is not mapped, too.
enum { NOBODY = 1 << 30 };

static void sweep(const char *what, long a, int from) {
  AREA(what);
  for (int nr = 0; nr < 475; nr++) {
    if (nr == 335) nr = 424;  // 335 is uretprobe: it kills a caller that is not in its trampoline
    if (in(skip, sizeof skip / sizeof *skip, nr)) continue;
    // The first call of a child reads from the pipe or the file that descriptor 0 is: it must not block.
    int pp[2];
    if (pipe(pp) != 0) return;
    pid_t p = fork();
    if (p == 0) {
      long v[6];
      for (int i = 0; i < 6; i++) v[i] = i < from ? i == 0 ? NOBODY : 0 : a;
      alarm(60);
      long r = Q(nr, v[0], v[1], v[2], v[3], v[4], v[5]);
      write(pp[1], &r, sizeof r);
      _exit(0);
    }
    close(pp[1]);
    long r = 0;
    ssize_t got = read(pp[0], &r, sizeof r);
    int status;
    waitpid(p, &status, 0);
    close(pp[0]);
    if (got != sizeof r) { SAY("%d: ", nr); how("no answer", status); }
    else if (r < 0 && r > -4096) SAY("%d: %s\n", nr, errname(r));
    else if (in(varies, sizeof varies / sizeof *varies, nr) || r > 100000 || r < 0) SAY("%d: ok\n", nr);
    else SAY("%d: %ld\n", nr, r);
  }
}

int main(int argc, char **argv) {
  begin(argc, argv);
  mkdir("w", 0755), chdir("w");
  struct rlimit nocore = {0, 0};
  setrlimit(RLIMIT_CORE, &nocore);
  close(0), open("/dev/null", O_RDONLY);
  sweep("minus ones", -1, 0);
  // The lower half of each is a descriptor that is not open: descriptor 0 or 1 would be changed.
  sweep("wild", 0x901, 0);
  sweep("kernel pointers", (long)KERNEL + 0x901, 0);
  sweep("bad descriptor, then zeros", 0, 6);
  sweep("bad descriptor, then minus ones", -1, 1);
  sweep("bad descriptor, then wild pointers", 0x901, 1);
  AREA("beyond the table");
  static const long beyond[] = {336, 400, 423, 480, 511, 512, 547, 600, 1000, 100000, -1, -2, 1l << 30, (1l << 30) + 1, (1l << 32) + 39};
  for (unsigned i = 0; i < sizeof beyond / sizeof *beyond; i++) {
    long r = Q(beyond[i], 1, 2, 3, 4, 5, 6);
    SAY("%ld: %s\n", beyond[i], r < 0 ? errname(r) : "ok");
  }
  return 0;
}
