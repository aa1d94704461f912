// What every program of the corpus shares: raw calls whose result is printed, hostile pointers, a scratch tree.
// A program prints only what must be equal in every run: no pids, times, inode numbers or addresses.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Calls newer than the C library's header; numbers of arch/x86/entry/syscalls/syscall_64.tbl.
enum {
  NR_cachestat = 451, NR_fchmodat2 = 452, NR_map_shadow_stack = 453, NR_futex_wake = 454, NR_futex_wait = 455,
  NR_futex_requeue = 456, NR_statmount = 457, NR_listmount = 458, NR_lsm_get_self_attr = 459, NR_lsm_set_self_attr = 460,
  NR_lsm_list_modules = 461, NR_mseal = 462, NR_setxattrat = 463, NR_getxattrat = 464, NR_listxattrat = 465,
  NR_removexattrat = 466, NR_open_tree_attr = 467, NR_file_getattr = 468, NR_file_setattr = 469,
};

#define WILD ((void *)1)                          // never mapped
#define KERNEL ((void *)0xffff888000000000ul)     // the kernel's half
#define NONCANONICAL ((void *)0x8000000000000ul)  // no address at all on 4-level paging

#define SAY(...) dprintf(1, __VA_ARGS__)

static inline const char *errname(long r) {
  const char *name = strerrorname_np((int)-r);
  return name ? name : "E?";
}

// One system call, and the check that the kernel's promise holds: all argument registers come back unchanged.
__attribute__((noinline, unused)) static long raw(const long a[7]) {
  long result = a[0], di = a[1], si = a[2], dx = a[3];
  register long r10 asm("r10") = a[4];
  register long r8 asm("r8") = a[5];
  register long r9 asm("r9") = a[6];
  asm volatile("syscall"
               : "+a"(result), "+D"(di), "+S"(si), "+d"(dx), "+r"(r10), "+r"(r8), "+r"(r9)
               :
               : "rcx", "r11", "memory");
  if (di != a[1] || si != a[2] || dx != a[3] || r10 != a[4] || r8 != a[5] || r9 != a[6])
    SAY("REGISTERS CHANGED by call %ld\n", a[0]);
  return result;
}

__attribute__((unused)) static long show(const char *text, long r, int hide) {
  if (r < 0 && r > -4096) SAY("%s = %s\n", text, errname(r));
  else if (hide) SAY("%s = ok\n", text);
  else SAY("%s = %ld\n", text, r);
  return r;
}

#define Q(...) raw((long[7]){__VA_ARGS__})                            // quiet
#define T(...) show(#__VA_ARGS__, raw((long[7]){__VA_ARGS__}), 0)     // prints the call as written and its result
#define TOK(...) show(#__VA_ARGS__, raw((long[7]){__VA_ARGS__}), 1)   // the same; a success is only "ok"
#define V(expr) SAY("%s: %ld\n", #expr, (long)(expr))                 // prints a value
#define AREA(name) SAY("-- %s\n", name)

// Room in front of an unmapped page.
__attribute__((unused)) static char *wall(void) {
  static char *page;
  if (!page) {
    page = mmap(0, 12 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 8 * 4096, 4 * 4096, PROT_NONE);
  }
  return page + 8 * 4096;
}

// A string whose NUL is the last mapped byte.
__attribute__((unused)) static char *at_edge(const char *s) {
  size_t n = strlen(s) + 1;
  return memcpy(wall() - n, s, n);
}

// n bytes that run into the unmapped page with no NUL.
__attribute__((unused)) static char *unended(size_t n) { return memset(wall() - n, 'a', n); }

// Read-only memory, for results.
__attribute__((unused)) static void *read_only(void) {
  static void *page;
  if (!page) page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page;
}

__attribute__((unused)) static void put(const char *path, const char *text, mode_t mode) {
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  if (fd < 0) { SAY("put %s: %s\n", path, strerrorname_np(errno)); return; }
  if (write(fd, text, strlen(text)) < 0) SAY("put %s: write\n", path);
  fchmod(fd, mode);
  close(fd);
}

// Prints a file's content on one line.
__attribute__((unused)) static void cat(const char *path) {
  char b[512];
  int fd = open(path, O_RDONLY);
  if (fd < 0) { SAY("cat %s: %s\n", path, strerrorname_np(errno)); return; }
  ssize_t n = read(fd, b, sizeof b - 1);
  b[n < 0 ? 0 : n] = 0;
  for (char *p = b; *p; p++) if (*p == '\n') *p = '|';
  SAY("cat %s: %s\n", path, b);
  close(fd);
}

// n path components of the given length, "aaa/aaa/..."; total characters as asked.
__attribute__((unused)) static char *long_path(size_t total, size_t component) {
  char *s = malloc(total + 1);
  for (size_t i = 0; i < total; i++) s[i] = (i % (component + 1) == component) ? '/' : 'a';
  if (total && s[total - 1] == '/') s[total - 1] = 'a';
  s[total] = 0;
  return s;
}

// "./././x" of exactly that length, which resolves.
__attribute__((unused)) static char *dotted(size_t total, const char *end) {
  char *s = malloc(total + 2);
  size_t n = strlen(end), i = 0;
  if ((total - n) % 2) s[i++] = '/' , s[0] = '.', s[i++] = '/', s[i++] = '/';
  for (; i + n < total; i += 2) s[i] = '.', s[i + 1] = '/';
  memcpy(s + total - n, end, n + 1);
  return s;
}

// Runs a function in a child and prints how it ended.
__attribute__((unused)) static int in_child(void (*f)(void *), void *arg) {
  pid_t pid = fork();
  if (pid == 0) { f(arg); _exit(0); }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) { SAY("wait: %s\n", strerrorname_np(errno)); return -1; }
  return status;
}

__attribute__((unused)) static void how(const char *what, int status) {
  if (WIFEXITED(status)) SAY("%s: exit %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) SAY("%s: killed by SIG%s\n", what, sigabbrev_np(WTERMSIG(status)));
  else if (WIFSTOPPED(status)) SAY("%s: stopped by SIG%s\n", what, sigabbrev_np(WSTOPSIG(status)));
  else if (WIFCONTINUED(status)) SAY("%s: continued\n", what);
  else SAY("%s: status %x\n", what, status);
}

// Every program starts in the directory it may fill; argv[1] names the same directory.
__attribute__((unused)) static void begin(int argc, char **argv) {
  umask(022);
  if (argc > 1 && chdir(argv[1]) != 0) { SAY("chdir: %s\n", strerrorname_np(errno)); _exit(9); }
}
