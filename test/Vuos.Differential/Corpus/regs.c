// Every register but rax, rcx and r11 is unchanged after a call, trapped or not, good or failing; the red zone is intact.
#include "t.h"
#include <sys/auxv.h>
#include <linux/openat2.h>

struct regs { unsigned long rdi, rsi, rdx, r10, r8, r9, rbx, rbp, r12, r13, r14, r15, rax; };

// Loads all registers, writes 16 quads below rsp, calls, stores the registers, compares the red zone.
// Returns the number of red zone quads that changed.
long around(struct regs *io);
asm(".globl around\naround:\n"
    "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rdi\n"
    "mov %rdi, %rax\n"
    "mov 0(%rax),%rdi; mov 8(%rax),%rsi; mov 16(%rax),%rdx; mov 24(%rax),%r10; mov 32(%rax),%r8; mov 40(%rax),%r9\n"
    "mov 48(%rax),%rbx; mov 56(%rax),%rbp; mov 64(%rax),%r12; mov 72(%rax),%r13; mov 80(%rax),%r14; mov 88(%rax),%r15\n"
    "mov 96(%rax),%rax\n"
    "movabs $0x1122334455667788,%rcx\n"
    ".set i,1\n.rept 16\nmov %rcx,-8*i(%rsp)\n.set i,i+1\n.endr\n"
    "syscall\n"
    "mov %rax, %r11\n"
    "mov (%rsp), %rax\n"
    "mov %rdi,0(%rax); mov %rsi,8(%rax); mov %rdx,16(%rax); mov %r10,24(%rax); mov %r8,32(%rax); mov %r9,40(%rax)\n"
    "mov %rbx,48(%rax); mov %rbp,56(%rax); mov %r12,64(%rax); mov %r13,72(%rax); mov %r14,80(%rax); mov %r15,88(%rax); mov %r11,96(%rax)\n"
    "movabs $0x1122334455667788,%rcx\nxor %eax,%eax\n"
    ".set i,1\n.rept 16\ncmp %rcx,-8*i(%rsp)\nje 1f\ninc %eax\n1:\n.set i,i+1\n.endr\n"
    "pop %rdi; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\nret\n");

static void check(const char *what, long nr, long a, long b, long c, long d, long e, long f) {
  struct regs r = {a, b, c, d, e, f, 0xb1b1, 0xb2b2, 0xc1c1c1c1c1c1c1c1, 0xc2c2, 0xc3c3, 0xc4c4, nr}, old = r;
  // Vector state must survive too.
  double before = 1.25, after;
  asm volatile("movsd %0, %%xmm15" ::"m"(before) : "xmm15");
  long red = around(&r);
  asm volatile("movsd %%xmm15, %0" : "=m"(after));
  SAY("%s = %s, red zone %ld, xmm %d", what, (long)r.rax < 0 ? errname(r.rax) : "ok", red, before == after);
  static const char *n[] = {"rdi", "rsi", "rdx", "r10", "r8", "r9", "rbx", "rbp", "r12", "r13", "r14", "r15"};
  for (int i = 0; i < 12; i++)
    if (((unsigned long *)&r)[i] != ((unsigned long *)&old)[i]) SAY(" %s CHANGED", n[i]);
  SAY("\n");
}
#define C(nr, a, b, c, d, e, f) check(#nr " " #a " " #b, nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

int main(int argc, char **argv) {
  begin(argc, argv);
  char buf[8192];
  struct stat st;
  put("f", "hello", 0644), mkdir("d", 0755), symlink("f", "l");
  struct open_how how = {0};
  char *no[] = {NULL};
  AREA("good");
  C(SYS_getpid, 1, 2, 3, 4, 5, 6);
  C(SYS_open, "f", 0, 0x333, 0x444, 0x555, 0x666);
  C(SYS_openat, AT_FDCWD, "f", 0, 0x444, 0x555, 0x666);
  C(SYS_openat, AT_FDCWD, at_edge("f"), 0, 0x444, 0x555, 0x666);
  C(SYS_openat, AT_FDCWD, argv[1], 0, 0x444, 0x555, 0x666);
  C(SYS_openat2, AT_FDCWD, "f", &how, sizeof how, 0x555, 0x666);
  C(SYS_stat, "f", &st, 3, 4, 5, 6);
  C(SYS_lstat, "l", &st, 3, 4, 5, 6);
  C(SYS_newfstatat, AT_FDCWD, "f", &st, 0, 5, 6);
  C(SYS_statx, AT_FDCWD, "f", 0, 0xfff, buf, 6);
  C(SYS_access, "f", 4, 3, 4, 5, 6);
  C(SYS_faccessat2, AT_FDCWD, "f", 4, 0, 5, 6);
  C(SYS_readlink, "l", buf, 100, 4, 5, 6);
  C(SYS_readlinkat, AT_FDCWD, "l", buf, 100, 5, 6);
  C(SYS_getcwd, buf, 8192, 3, 4, 5, 6);
  C(SYS_chdir, "d", 2, 3, 4, 5, 6);
  C(SYS_chdir, "..", 2, 3, 4, 5, 6);
  C(SYS_mkdir, "new", 0755, 3, 4, 5, 6);
  C(SYS_rename, "new", "new2", 3, 4, 5, 6);
  C(SYS_renameat2, AT_FDCWD, "new2", AT_FDCWD, "new", 0, 6);
  C(SYS_rmdir, "new", 2, 3, 4, 5, 6);
  C(SYS_symlink, "x", "s", 3, 4, 5, 6);
  C(SYS_link, "f", "f2", 3, 4, 5, 6);
  C(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "f3", 0, 6);
  C(SYS_unlink, "f2", 2, 3, 4, 5, 6);
  C(SYS_unlinkat, AT_FDCWD, "f3", 0, 4, 5, 6);
  C(SYS_chmod, "f", 0600, 3, 4, 5, 6);
  C(SYS_statfs, "f", buf, 3, 4, 5, 6);
  C(SYS_uname, buf, 2, 3, 4, 5, 6);
  AREA("failing");
  C(SYS_open, "none", 0, 3, 4, 5, 6);
  C(SYS_open, WILD, 0, 3, 4, 5, 6);
  C(SYS_openat, AT_FDCWD, "f/x", 0, 4, 5, 6);
  C(SYS_openat, 77, "f", 0, 4, 5, 6);
  C(SYS_openat, AT_FDCWD, unended(5000), 0, 4, 5, 6);
  C(SYS_openat2, AT_FDCWD, "none", &how, sizeof how, 5, 6);
  C(SYS_stat, "none", &st, 3, 4, 5, 6);
  C(SYS_stat, "f", WILD, 3, 4, 5, 6);
  C(SYS_statx, AT_FDCWD, "none", 0, 0xfff, buf, 6);
  C(SYS_getcwd, buf, 1, 3, 4, 5, 6);
  C(SYS_chdir, "none", 2, 3, 4, 5, 6);
  C(SYS_mkdir, "d", 0755, 3, 4, 5, 6);
  C(SYS_rename, "none", "new", 3, 4, 5, 6);
  C(SYS_rename, "f", "d", 3, 4, 5, 6);
  C(SYS_link, "none", "x", 3, 4, 5, 6);
  C(SYS_unlinkat, AT_FDCWD, "none", 0, 4, 5, 6);
  C(SYS_execve, "none", no, no, 4, 5, 6);
  C(SYS_execve, "f", no, no, 4, 5, 6);
  C(SYS_execveat, AT_FDCWD, "none", no, no, 0, 6);
  C(SYS_mount, "none", "none", "none", 0, 0, 6);
  C(SYS_umount2, "none", 0, 3, 4, 5, 6);
  C(SYS_ptrace, 0x1234, 2, 3, 4, 5, 6);
  C(999, 1, 2, 3, 4, 5, 6);
  C(-1, 1, 2, 3, 4, 5, 6);
  C(0x40000000 | 39, 1, 2, 3, 4, 5, 6);
  C(400, 1, 2, 3, 4, 5, 6);
  AREA("the vDSO");
  V(getauxval(AT_SYSINFO_EHDR) != 0);
  FILE *maps = fopen("/proc/self/maps", "r");
  int vdso = 0;
  while (fgets(buf, sizeof buf, maps)) vdso += strstr(buf, "[vdso]") != NULL;
  V(vdso);
  return 0;
}
