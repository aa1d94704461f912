// Calls that change one name, each over every kind of path; what changed in the tree is printed.
#include "tree.h"
#include <linux/openat2.h>
#include <utime.h>

static long closing(long fd) {
  if (fd < 0) return fd;
  close((int)fd);
  return 0;
}
static int writable(const char *p) { return !((uintptr_t)p > 4096 && (*p == '/' || (p[0] == '.' && p[1] == '.'))); }
// A call that would change something outside the tree is not made.
#define SAFE(name, expr) \
  static long name(const char *p) { return (uintptr_t)p < 4096 || p == KERNEL || writable(p) ? (long)(expr) : 0; }

SAFE(create, closing(Q(SYS_open, p, O_CREAT | O_WRONLY | O_NONBLOCK, 0640)))
SAFE(create_excl, closing(Q(SYS_open, p, O_CREAT | O_EXCL | O_RDWR, 0640)))
SAFE(create_nofollow, closing(Q(SYS_open, p, O_CREAT | O_NOFOLLOW | O_RDWR, 0640)))
SAFE(create_dir, closing(Q(SYS_open, p, O_CREAT | O_DIRECTORY | O_RDWR, 0640)))
SAFE(open_trunc, closing(Q(SYS_open, p, O_TRUNC | O_RDWR)))
SAFE(open_write, closing(Q(SYS_open, p, O_WRONLY | O_NONBLOCK)))
SAFE(open_tmpfile, closing(Q(SYS_open, p, O_TMPFILE | O_RDWR, 0600)))
SAFE(do_creat, *p == 'p' ? 0 : closing(Q(SYS_creat, p, 0604)))
static long creat2(const char *p) { return (uintptr_t)p < 4096 || p == KERNEL ? closing(Q(SYS_creat, p, 0604)) : do_creat(p); }
SAFE(create2_beneath, closing(({
       struct open_how h = {O_CREAT | O_RDWR, 0600, RESOLVE_BENEATH};
       Q(SYS_openat2, AT_FDCWD, p, &h, sizeof h);
     })))
SAFE(do_mkdir, Q(SYS_mkdir, p, 0751))
SAFE(do_mkdirat, Q(SYS_mkdirat, AT_FDCWD, p, 01777))
SAFE(do_rmdir, Q(SYS_rmdir, p))
SAFE(do_unlink, Q(SYS_unlink, p))
SAFE(do_unlinkat, Q(SYS_unlinkat, AT_FDCWD, p, 0))
SAFE(do_unlinkat_dir, Q(SYS_unlinkat, AT_FDCWD, p, AT_REMOVEDIR))
SAFE(rename_from, Q(SYS_rename, p, "target"))
SAFE(rename_to, Q(SYS_rename, "x", p))
SAFE(rename_dir_to, Q(SYS_rename, "d", p))
SAFE(rename_empty_to_slash, Q(SYS_rename, "empty/", p))
SAFE(renameat_from, Q(SYS_renameat, AT_FDCWD, p, AT_FDCWD, "d/target"))
SAFE(renameat2_noreplace, Q(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, p, 1))
SAFE(renameat2_exchange, Q(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, p, 2))
SAFE(renameat2_exchange_dir, Q(SYS_renameat2, AT_FDCWD, p, AT_FDCWD, "d", 2))
SAFE(link_from, Q(SYS_link, p, "target"))
SAFE(link_to, Q(SYS_link, "x", p))
SAFE(linkat_follow, Q(SYS_linkat, AT_FDCWD, p, AT_FDCWD, "target", AT_SYMLINK_FOLLOW))
SAFE(linkat_empty, Q(SYS_linkat, AT_FDCWD, p, AT_FDCWD, "target", AT_EMPTY_PATH))
SAFE(symlink_content, Q(SYS_symlink, p, "target"))
SAFE(symlink_at, Q(SYS_symlink, "content", p))
SAFE(symlinkat_at, Q(SYS_symlinkat, "content", AT_FDCWD, p))
SAFE(mknod_fifo, Q(SYS_mknod, p, S_IFIFO | 0640, 0))
SAFE(mknod_file, Q(SYS_mknod, p, S_IFREG | 0640, 0))
SAFE(mknod_null, Q(SYS_mknod, p, S_IFCHR | 0640, 0x103))
SAFE(mknodat_zero, Q(SYS_mknodat, AT_FDCWD, p, 0640, 0))
SAFE(mknodat_socket, Q(SYS_mknodat, AT_FDCWD, p, S_IFSOCK | 0640, 0))
SAFE(do_chmod, Q(SYS_chmod, p, 0711))
SAFE(do_fchmodat, Q(SYS_fchmodat, AT_FDCWD, p, 02755))
SAFE(do_fchmodat2, Q(NR_fchmodat2, AT_FDCWD, p, 0700, AT_SYMLINK_NOFOLLOW))
SAFE(do_chown, Q(SYS_chown, p, -1, 65534))
SAFE(do_lchown, Q(SYS_lchown, p, -1, -1))
SAFE(do_fchownat, Q(SYS_fchownat, AT_FDCWD, p, 65534, -1, AT_SYMLINK_NOFOLLOW))
SAFE(do_truncate, Q(SYS_truncate, p, 3))
SAFE(do_utime, Q(SYS_utime, p, NULL))
SAFE(do_utimes, Q(SYS_utimes, p, NULL))
SAFE(do_futimesat, Q(SYS_futimesat, AT_FDCWD, p, NULL))
SAFE(do_utimensat, Q(SYS_utimensat, AT_FDCWD, p, NULL, AT_SYMLINK_NOFOLLOW))
SAFE(do_setxattr, Q(SYS_setxattr, p, "user.n", "v", 1, 0))
SAFE(do_lsetxattr, Q(SYS_lsetxattr, p, "user.n", "v", 1, 0))
SAFE(do_removexattr, Q(SYS_removexattr, p, "user.none"))
SAFE(do_lremovexattr, Q(SYS_lremovexattr, p, "user.none"))
SAFE(do_removexattrat, Q(NR_removexattrat, AT_FDCWD, p, 0, "user.none"))

int main(int argc, char **argv) {
  begin(argc, argv);
#define M(f) tree_matrix(#f, f);
  M(create) M(create_excl) M(create_nofollow) M(create_dir) M(open_trunc) M(open_write) M(open_tmpfile) M(creat2) M(create2_beneath)
  M(do_mkdir) M(do_mkdirat) M(do_rmdir) M(do_unlink) M(do_unlinkat) M(do_unlinkat_dir) M(rename_from) M(rename_to) M(rename_dir_to)
  M(rename_empty_to_slash) M(renameat_from) M(renameat2_noreplace) M(renameat2_exchange) M(renameat2_exchange_dir) M(link_from) M(link_to)
  M(linkat_follow) M(linkat_empty) M(symlink_content) M(symlink_at) M(symlinkat_at) M(mknod_fifo) M(mknod_file) M(mknod_null)
  M(mknodat_zero) M(mknodat_socket) M(do_chmod) M(do_fchmodat) M(do_fchmodat2) M(do_chown) M(do_lchown) M(do_fchownat) M(do_truncate)
  M(do_utime) M(do_utimes) M(do_futimesat) M(do_utimensat) M(do_setxattr) M(do_lsetxattr) M(do_removexattr) M(do_lremovexattr)
  M(do_removexattrat)
  return 0;
}
