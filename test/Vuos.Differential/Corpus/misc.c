// Everything else: names of the machine, limits, scheduling, System V IPC, message queues, bpf, perf, modules, swap, ptrace.
#include "t.h"
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void traced(void *a) {
  // Under a tracer this fails: a documented difference, see differences.txt.
  show("PTRACE_TRACEME", Q(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), 0);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  char b[4096];
  put("f", "x", 0644), mkdir("d", 0755);
  int f = open("f", O_RDWR);
  AREA("machine");
  struct utsname u;
  T(SYS_uname, &u);
  SAY("%s %s\n", u.sysname, u.machine);
  T(SYS_uname, WILD);
  struct sysinfo si;
  T(SYS_sysinfo, &si);
  T(SYS_sysinfo, WILD);
  T(SYS_sethostname, WILD, 5);
  T(SYS_sethostname, "x", -1);
  T(SYS_sethostname, "x", 65);
  T(SYS_setdomainname, WILD, 5);
  T(SYS_syslog, 99, NULL, 0);
  T(SYS_sysfs, 9, 0, 0);
  T(SYS_getcpu, WILD, NULL);
  T(SYS_getrandom, b, 16, 0);
  T(SYS_getrandom, b, 16, 99);
  T(SYS_getrandom, WILD, 16, 0);
  AREA("limits and scheduling");
  struct rlimit r = {5, 4};
  T(SYS_setrlimit, RLIMIT_NOFILE, &r);
  T(SYS_setrlimit, 99, &r);
  T(SYS_getrlimit, RLIMIT_NOFILE, WILD);
  T(SYS_prlimit64, 0x7ffffff0, RLIMIT_NOFILE, NULL, &r);
  T(SYS_prlimit64, 0, 99, NULL, &r);
  T(SYS_getpriority, 9, 0);
  T(SYS_setpriority, PRIO_PROCESS, 0, 5);
  T(SYS_getpriority, PRIO_PROCESS, 0);
  T(SYS_sched_yield);
  T(SYS_sched_getscheduler, 0);
  T(SYS_sched_getparam, 0, WILD);
  T(SYS_sched_setscheduler, 0, 99, b);
  T(SYS_sched_setparam, 0, WILD);
  T(SYS_sched_get_priority_max, 1);
  T(SYS_sched_get_priority_min, 99);
  T(SYS_sched_rr_get_interval, 0x7ffffff0, b);
  T(SYS_sched_setaffinity, 0, 0, WILD);
  T(SYS_sched_getaffinity, 0, 1, b);
  T(SYS_sched_setattr, 0, WILD, 0);
  T(SYS_sched_getattr, 0, WILD, 48, 0);
  T(SYS_ioprio_get, 9, 0);
  T(SYS_ioprio_set, 9, 0, 0);
  T(SYS_personality, 0xffffffff);
  T(SYS_prctl, 9999, 0, 0, 0, 0);
  T(SYS_arch_prctl, 0x9999, 0);
  T(SYS_modify_ldt, 9, b, 0);
  T(SYS_ioperm, 99999, 1, 1);
  T(SYS_iopl, 9);
  AREA("System V IPC");
  int id = (int)TOK(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  char *m = shmat(id, 0, 0);
  V(m != (void *)-1), strcpy(m, "shared");
  pid_t p = fork();
  if (p == 0) { SAY("%s\n", m); _exit(0); }
  waitpid(p, NULL, 0);
  V(shmdt(m)), V(shmctl(id, IPC_RMID, NULL));
  T(SYS_shmat, -1, 0, 0);
  T(SYS_shmctl, -1, 99, 0);
  T(SYS_shmdt, WILD);
  id = (int)TOK(SYS_semget, IPC_PRIVATE, 1, IPC_CREAT | 0600);
  struct sembuf up = {0, 1, 0}, down = {0, -1, IPC_NOWAIT};
  V(semop(id, &up, 1)), V(semop(id, &down, 1)), V(semop(id, &down, 1)), V(errno), V(semctl(id, 0, IPC_RMID));
  T(SYS_semop, -1, WILD, 1);
  T(SYS_semtimedop, -1, WILD, 1, NULL);
  T(SYS_semctl, -1, 0, 99, 0);
  id = (int)TOK(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600);
  struct { long t; char s[8]; } q = {3, "msg"};
  TOK(SYS_msgsnd, id, WILD, 4, 0), V(Q(SYS_msgsnd, id, &q, 4, 0)), V(msgrcv(id, &q, 8, 0, IPC_NOWAIT)), V(msgrcv(id, &q, 8, 0, IPC_NOWAIT)), V(errno), T(SYS_msgctl, -1, 99, NULL), V(msgctl(id, IPC_RMID, NULL));
  T(SYS_msgrcv, -1, WILD, 8, 0, 0);
  AREA("message queues");
  sprintf(b, "vuos-diff-%d", getpid());
  int mq = (int)TOK(SYS_mq_open, b, O_CREAT | O_RDWR, 0600, NULL);
  T(SYS_mq_timedsend, mq, "one", 3, 5, NULL);
  char got[9000];
  unsigned prio;
  T(SYS_mq_timedreceive, mq, got, 8192, &prio, NULL);
  T(SYS_mq_getsetattr, mq, NULL, WILD);
  T(SYS_mq_notify, mq, WILD);
  T(SYS_mq_unlink, b);
  T(SYS_mq_unlink, b);
  T(SYS_mq_open, "/no/such", O_RDWR, 0, NULL);
  AREA("rarely used");
  T(SYS_acct, "none");
  T(SYS_acct, WILD);
  T(SYS_swapon, "none", 0);
  T(SYS_swapon, WILD, 0);
  T(SYS_swapon, "f", 0);
  T(SYS_swapoff, "none");
  T(SYS_swapoff, "f");
  T(SYS_quotactl, 0x80000700, "none", 0, b);
  T(SYS_quotactl_fd, 77, 0x80000700, 0, b);
  T(SYS_uselib, "f");
  T(SYS_pivot_root, "none", "d");
  T(SYS_pivot_root, "d", "d");
  T(SYS_reboot, 0, 0, 0, NULL);
  T(SYS_init_module, WILD, 10, "");
  T(SYS_finit_module, f, "", 0);
  T(SYS_delete_module, "vuos-none", O_NONBLOCK);
  T(SYS_kexec_load, 0, 0, 0, 99);
  T(SYS_kexec_file_load, -1, -1, 0, 0, 0xffff);
  T(SYS_bpf, 9999, b, 8);
  T(SYS_bpf, 6, WILD, 8);
  T(SYS_perf_event_open, WILD, 0, -1, -1, 0);
  T(SYS_lookup_dcookie, 0, b, 10);
  T(SYS_restart_syscall);
  T(SYS_vserver);
  T(SYS_nfsservctl);
  T(SYS__sysctl);
  T(SYS_landlock_create_ruleset, NULL, 0, 9);
  T(SYS_landlock_create_ruleset, WILD, 8, 0);
  T(SYS_landlock_add_rule, 77, 1, WILD, 0);
  T(SYS_landlock_restrict_self, 77, 0);
  T(NR_lsm_get_self_attr, 99, WILD, WILD, 0);
  T(NR_statmount, WILD, WILD, 0, 0);
  T(NR_listmount, WILD, WILD, 0, 0);
  T(NR_map_shadow_stack, 0, 0, 99);
  T(NR_file_getattr, AT_FDCWD, "f", WILD, 24, 0);
  T(NR_file_setattr, AT_FDCWD, "none", b, 24, 0);
  T(SYS_unshare, 0x80);
  T(SYS_setns, 77, 0);
  T(SYS_setns, f, 0);
  T(9999);
  AREA("numbers kept for calls that are gone, and newer ones");
  T(SYS_create_module), T(SYS_get_kernel_syms), T(SYS_query_module), T(SYS_getpmsg), T(SYS_putpmsg), T(SYS_afs_syscall), T(SYS_tuxcall), T(SYS_security);
  T(SYS_set_thread_area), T(SYS_get_thread_area), T(SYS_epoll_ctl_old), T(SYS_epoll_wait_old);
  T(SYS_process_mrelease, 77, 0), T(SYS_futex_waitv, NULL, 0, 0, NULL, 0), T(SYS_set_mempolicy_home_node, 0, 0, 0, 9), T(NR_lsm_set_self_attr, 99, WILD, 8, 0), T(NR_lsm_list_modules, WILD, WILD, 0);
  V(Q(SYS_getuid) == getuid()), V(Q(SYS_geteuid) == geteuid()), V(Q(SYS_getgid) == getgid()), V(Q(SYS_getegid) == getegid());
  AREA("ptrace");
  T(SYS_ptrace, PTRACE_ATTACH, 0x7ffffff0, 0, 0);
  T(SYS_ptrace, PTRACE_ATTACH, getpid(), 0, 0);
  T(SYS_ptrace, PTRACE_CONT, getppid(), 0, 0);
  in_child(traced, 0);
  return 0;
}
