// Memory: mmap of files and memfds, protections, mremap, process_vm, brk, mincore, sealing.
#include "t.h"
#include <linux/memfd.h>
#include <sys/prctl.h>

int main(int argc, char **argv) {
  begin(argc, argv);
  char b[8192];
  put("f", "mapped file", 0644), mkdir("d", 0755);
  int fd = open("f", O_RDWR), ro = open("f", O_RDONLY), path = open("f", O_PATH), wo = open("f", O_WRONLY);
  AREA("mmap");
  char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  SAY("%.11s\n", m);
  memcpy(m, "MAPPED", 6), cat("f");
  V(msync(m, 4096, MS_SYNC)), V(munmap(m, 4096));
  T(SYS_mmap, 0, 4096, PROT_WRITE, MAP_SHARED, ro, 0);
  TOK(SYS_mmap, 0, 4096, PROT_WRITE, MAP_PRIVATE, ro, 0);
  T(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, wo, 0);
  T(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, path, 0);
  T(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, 77, 0);
  T(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, open("d", O_RDONLY), 0);
  T(SYS_mmap, 0, 0, PROT_READ, MAP_SHARED, fd, 0);
  T(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, fd, 1);
  T(SYS_mmap, 0, 4096, PROT_READ, 0, fd, 0);
  T(SYS_mmap, 0, -1L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  T(SYS_mmap, 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  T(SYS_munmap, 1, 4096);
  T(SYS_munmap, 0, 0);
  T(SYS_mprotect, 4096, 4096, PROT_READ);
  T(SYS_mprotect, read_only(), 4096, 99);
  T(SYS_mremap, WILD, 4096, 8192, 0);
  TOK(SYS_mremap, mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096, 8192, MREMAP_MAYMOVE);
  T(SYS_madvise, read_only(), 4096, 4);
  T(SYS_madvise, read_only(), 4096, 999);
  T(SYS_mincore, read_only(), 4096, b);
  T(SYS_mincore, read_only(), 4096, WILD);
  T(SYS_mincore, WILD, 4096, b);
  T(SYS_mlock, read_only(), 4096);
  T(SYS_munlock, read_only(), 4096);
  T(SYS_mlock2, read_only(), 4096, 2);
  T(SYS_msync, read_only(), 4096, 99);
  T(SYS_remap_file_pages, WILD, 4096, 0, 0, 0);
  T(NR_mseal, WILD, 4096, 0);
  V(Q(SYS_brk, 0) == Q(SYS_brk, 0)), V(Q(SYS_brk, -1L) == Q(SYS_brk, 0));
  V(sbrk(4096) != (void *)-1);
  int pkey = (int)Q(SYS_pkey_alloc, 0, 9);
  V(pkey < 0);
  T(SYS_pkey_free, 99);
  T(SYS_pkey_mprotect, WILD, 4096, 0, 0);

  AREA("memfd");
  int mf = (int)T(SYS_memfd_create, "name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  V(write(mf, "memory", 6)), V(ftruncate(mf, 5000));
  char link[64];
  sprintf(b, "/proc/self/fd/%d", mf);
  ssize_t n = readlink(b, link, sizeof link);
  SAY("%.*s\n", (int)n, link);
  int again = open(b, O_RDONLY);
  V(again), V(read(again, b, 6)), SAY("%.6s\n", b);
  V(fcntl(mf, F_ADD_SEALS, F_SEAL_WRITE)), V(write(mf, "x", 1)), V(errno), V(fcntl(mf, F_GET_SEALS));
  T(SYS_memfd_create, NULL, 0);
  T(SYS_memfd_create, WILD, 0);
  T(SYS_memfd_create, "x", 0x8000);
  T(SYS_memfd_create, long_path(249, 1000), 0);
  T(SYS_memfd_create, long_path(250, 1000), 0);
  T(SYS_memfd_secret, 0x1234);
  int ex = memfd_create("exec", 0);
  int src = open("/bin/true", O_RDONLY);
  while ((n = read(src, b, sizeof b)) > 0) write(ex, b, n);
  pid_t p = fork();
  char *av[] = {"true", NULL};
  if (p == 0) { Q(SYS_execveat, ex, "", av, av, AT_EMPTY_PATH); _exit(9); }
  int s;
  waitpid(p, &s, 0), how("exec of a memfd", s);
  p = fork();
  if (p == 0) { sprintf(b, "/proc/self/fd/%d", ex); Q(SYS_execve, b, av, av); _exit(9); }
  waitpid(p, &s, 0), how("exec of its /proc name", s);

  AREA("process_vm");
  char from[16] = "0123456789", to[16] = "";
  struct iovec l = {to, 10}, r = {from, 10}, bad = {WILD, 10}, edge[2] = {{from, 4}, {wall() - 2, 4}};
  T(SYS_process_vm_readv, getpid(), &l, 1, &r, 1, 0);
  SAY("%s\n", to);
  T(SYS_process_vm_writev, getpid(), &l, 1, &r, 1, 0);
  T(SYS_process_vm_readv, getpid(), &l, 1, &bad, 1, 0);
  T(SYS_process_vm_readv, getpid(), &bad, 1, &r, 1, 0);
  T(SYS_process_vm_readv, getpid(), &l, 1, edge, 2, 0);
  T(SYS_process_vm_readv, getpid(), WILD, 1, &r, 1, 0);
  T(SYS_process_vm_readv, getpid(), &l, 1, &r, 1, 1);
  T(SYS_process_vm_readv, 0x7ffffff0, &l, 1, &r, 1, 0);
  T(SYS_process_madvise, -1, &l, 1, 0, 0);
  T(SYS_kcmp, getpid(), getpid(), 0, fd, fd);
  T(SYS_userfaultfd, 0x12345);
  int mem = open("/proc/self/mem", O_RDONLY);
  V(mem >= 0), V(pread(mem, to, 5, (off_t)(uintptr_t)from)), V(prctl(PR_GET_DUMPABLE));
  AREA("numa");
  int mode;
  T(SYS_get_mempolicy, &mode, NULL, 0, 0, 0);
  T(SYS_set_mempolicy, 99, NULL, 0);
  T(SYS_mbind, WILD, 4096, 0, NULL, 0, 0);
  T(SYS_move_pages, 0, 1, WILD, NULL, NULL, 0);
  T(SYS_migrate_pages, 0, 0, NULL, NULL);
  return 0;
}
