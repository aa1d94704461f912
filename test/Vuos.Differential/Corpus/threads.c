// Threads: creation, own and shared state, futexes, robust lists, exec and exit from any of them.
#include "t.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/prctl.h>

static void *plain(void *a) { return (void *)((intptr_t)a * 2); }
static int word;
static void *waiter(void *a) { return (void *)(intptr_t)Q(SYS_futex, &word, FUTEX_WAIT, 0, NULL); }
static pthread_mutex_t robust;
static void *dies_with_lock(void *a) { pthread_mutex_lock(&robust); return NULL; }
static void *changes_cwd(void *a) { return (void *)(intptr_t)chdir("d"); }
static void *own_cwd(void *a) { unshare(CLONE_FS); return (void *)(intptr_t)chdir("d/e"); }
static void *own_files(void *a) { unshare(CLONE_FILES); close((int)(intptr_t)a); return (void *)(intptr_t)fcntl((int)(intptr_t)a, F_GETFD); }
static void *opens(void *a) {
  long bad = 0;
  for (int i = 0; i < 200; i++) {
    int fd = open(i & 1 ? "f" : "d/../f", O_RDONLY);
    char b[4];
    if (fd < 0 || read(fd, b, 4) != 4) bad++;
    close(fd);
    if (access("none", F_OK) != -1 || errno != ENOENT) bad++;
  }
  return (void *)bad;
}
static void *execs(void *a) { execl("/bin/sh", "sh", "-c", "echo from the shell; test $$ = $0 && echo same pid; exit 3", (char *)a, (char *)0); return NULL; }
static void *sleeps(void *a) { for (;;) pause(); }
static void *ends_group(void *a) { Q(SYS_exit_group, 9); return NULL; }
static void *ends_later(void *a) { usleep(30000); Q(SYS_exit_group, 12); return NULL; }
static void *forks(void *a) { pid_t p = fork(); if (!p) { V(getpid() == gettid()); _exit(6); } int s; waitpid(p, &s, 0); return (void *)(intptr_t)WEXITSTATUS(s); }
static void *crashes(void *a) { *(volatile int *)1 = 1; return NULL; }
static void *named(void *a) { char b[17] = ""; prctl(PR_SET_NAME, "a thread"); prctl(PR_GET_NAME, b); SAY("%s\n", b); return NULL; }
static pthread_t go(void *(*f)(void *), void *a) { pthread_t t; pthread_create(&t, NULL, f, a); return t; }
static long done(pthread_t t) { void *r; pthread_join(t, &r); return (long)r; }

static void exec_case(void *a) {
  char pid[20];
  sprintf(pid, "%d", getpid());
  go(sleeps, 0), go(sleeps, 0), go(execs, pid);
  for (;;) pause();
}
static void exec_leader(void *a) { char pid[20]; sprintf(pid, "%d", getpid()); go(sleeps, 0), go(sleeps, 0); execs(pid); }
static void exec_after_leader(void *a) { char *pid = malloc(20); sprintf(pid, "%d", getpid()); go(execs, pid); Q(SYS_exit, 0); }
static void exec_fails(void *a) { go(sleeps, 0); execl("/nowhere", "x", (char *)0); _exit(errno == ENOENT ? 21 : 22); }
static void group_case(void *a) { go(sleeps, 0), go(ends_group, 0); for (;;) pause(); }
static void leader_ends(void *a) { go(ends_later, 0); Q(SYS_exit, 1); }
static void crash_case(void *a) { go(sleeps, 0), go(crashes, 0); for (;;) pause(); }
static void last_thread(void *a) { go(plain, 0); pthread_exit(NULL); }

int main(int argc, char **argv) {
  begin(argc, argv);
  struct rlimit nocore = {0, 0};
  setrlimit(RLIMIT_CORE, &nocore);
  put("f", "text", 0644), mkdir("d", 0755), mkdir("d/e", 0755);
  AREA("life");
  V(done(go(plain, (void *)21)));
  pthread_t t[50];
  for (int i = 0; i < 50; i++) t[i] = go(plain, (void *)(intptr_t)i);
  long sum = 0;
  for (int i = 0; i < 50; i++) sum += done(t[i]);
  V(sum);
  for (int i = 0; i < 20; i++) t[i] = go(opens, 0);
  sum = 0;
  for (int i = 0; i < 20; i++) sum += done(t[i]);
  V(sum);
  done(go(named, 0)), V(done(go(forks, 0)));

  AREA("shared state");
  char b[4200];
  V(done(go(changes_cwd, 0))), V(access("e", F_OK)), V(chdir(".."));
  V(done(go(own_cwd, 0))), V(access("f", F_OK));
  int fd = open("f", O_RDONLY);
  V(done(go(own_files, (void *)(intptr_t)fd))), V(fcntl(fd, F_GETFD));

  AREA("futex");
  T(SYS_futex, &word, FUTEX_WAIT, 1, NULL);
  T(SYS_futex, &word, FUTEX_WAKE, 1);
  struct timespec ts = {0, 1000000};
  T(SYS_futex, &word, FUTEX_WAIT, 0, &ts);
  T(SYS_futex, WILD, FUTEX_WAIT, 0, &ts);
  T(SYS_futex, &word, 0x7f, 0, &ts);
  T(SYS_futex, &word, FUTEX_WAIT, 0, WILD);
  t[0] = go(waiter, 0);
  while (Q(SYS_futex, &word, FUTEX_WAKE, 1) == 0) sched_yield();
  V(done(t[0]));
  T(NR_futex_wake, &word, 1, 1, 2);
  T(NR_futex_wait, &word, 1, 1, 2, NULL, 0);
  T(NR_futex_requeue, NULL, 0, 0, 0);
  T(SYS_set_robust_list, NULL, 5);
  T(SYS_get_robust_list, 0, WILD, WILD);
  pthread_mutexattr_t ma;
  pthread_mutexattr_init(&ma), pthread_mutexattr_setrobust(&ma, PTHREAD_MUTEX_ROBUST), pthread_mutex_init(&robust, &ma);
  done(go(dies_with_lock, 0));
  V(pthread_mutex_lock(&robust) == EOWNERDEAD), V(pthread_mutex_consistent(&robust)), V(pthread_mutex_unlock(&robust));
  T(SYS_membarrier, 0, 0);
  T(SYS_rseq, NULL, 0, 0, 0);

  AREA("exec and exit");
  how("exec from another thread", in_child(exec_case, 0));
  how("exec from the leader", in_child(exec_leader, 0));
  how("exec after the leader ended", in_child(exec_after_leader, 0));
  how("exec that fails", in_child(exec_fails, 0));
  how("exit_group from another thread", in_child(group_case, 0));
  how("the leader ends first", in_child(leader_ends, 0));
  how("a thread crashes", in_child(crash_case, 0));
  how("pthread_exit of all", in_child(last_thread, 0));
  AREA("/proc/self/task");
  t[0] = go(waiter, 0);
  int tasks = 0;
  sprintf(b, "ls /proc/%d/task | wc -l", getpid());
  FILE *f = popen(b, "r");
  fscanf(f, "%d", &tasks), pclose(f);
  V(tasks);
  while (Q(SYS_futex, &word, FUTEX_WAKE, 1) == 0) sched_yield();
  done(t[0]);
  return 0;
}
