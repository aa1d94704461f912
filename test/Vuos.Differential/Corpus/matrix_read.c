// Calls that look without changing, each over every kind of path.
#include "tree.h"
#include <linux/fanotify.h>
#include <linux/openat2.h>
#include <sys/inotify.h>
#include <sys/statfs.h>

static struct stat st;
static struct statx stx;

static long fd_type(long fd) {
  if (fd < 0) return fd;
  struct stat s;
  fstat((int)fd, &s);
  close((int)fd);
  return s.st_mode;
}

static long stat_type(long r) { return r < 0 ? r : st.st_mode; }

#define OPEN(name, flags) \
  static long name(const char *p) { return fd_type(Q(SYS_open, p, flags, 0)); }
OPEN(open_read, O_RDONLY | O_NONBLOCK)
OPEN(open_dir, O_RDONLY | O_DIRECTORY)
OPEN(open_nofollow, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
OPEN(open_path, O_PATH)
OPEN(open_path_nofollow, O_PATH | O_NOFOLLOW)
OPEN(open_path_dir_nofollow, O_PATH | O_DIRECTORY | O_NOFOLLOW)

static long do_openat(const char *p) { return fd_type(Q(SYS_openat, AT_FDCWD, p, O_RDONLY | O_NONBLOCK)); }
static long do_openat_dir(const char *p) {
  int d = open("d", O_PATH);
  long r = fd_type(Q(SYS_openat, d, p, O_RDONLY | O_NONBLOCK));
  close(d);
  return r;
}
static long do_openat2(const char *p) {
  struct open_how h = {O_RDONLY | O_NONBLOCK, 0, RESOLVE_NO_SYMLINKS};
  return fd_type(Q(SYS_openat2, AT_FDCWD, p, &h, sizeof h));
}
static long do_stat(const char *p) { return stat_type(Q(SYS_stat, p, &st)); }
static long do_lstat(const char *p) { return stat_type(Q(SYS_lstat, p, &st)); }
static long do_newfstatat(const char *p) { return stat_type(Q(SYS_newfstatat, AT_FDCWD, p, &st, AT_SYMLINK_NOFOLLOW)); }
static long do_newfstatat_empty(const char *p) { return stat_type(Q(SYS_newfstatat, AT_FDCWD, p, &st, AT_EMPTY_PATH)); }
static long do_statx(const char *p) {
  long r = Q(SYS_statx, AT_FDCWD, p, 0, STATX_BASIC_STATS, &stx);
  return r < 0 ? r : stx.stx_mode;
}
static long do_statx_nofollow(const char *p) {
  long r = Q(SYS_statx, AT_FDCWD, p, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stx);
  return r < 0 ? r : stx.stx_mode;
}
static long do_access(const char *p) { return Q(SYS_access, p, R_OK); }
static long do_access_x(const char *p) { return Q(SYS_access, p, X_OK); }
static long do_faccessat(const char *p) { return Q(SYS_faccessat, AT_FDCWD, p, W_OK); }
static long do_faccessat2(const char *p) { return Q(SYS_faccessat2, AT_FDCWD, p, F_OK, AT_SYMLINK_NOFOLLOW); }
static long do_faccessat2_empty(const char *p) { return Q(SYS_faccessat2, AT_FDCWD, p, F_OK, AT_EMPTY_PATH | AT_EACCESS); }
static long do_readlink(const char *p) {
  char b[64];
  return Q(SYS_readlink, p, b, sizeof b);
}
static long do_readlinkat(const char *p) {
  char b[64];
  return Q(SYS_readlinkat, AT_FDCWD, p, b, 1);
}
static long do_statfs(const char *p) {
  struct statfs s;
  return Q(SYS_statfs, p, &s);
}
static long do_getxattr(const char *p) {
  char b[64];
  return Q(SYS_getxattr, p, "user.none", b, sizeof b);
}
static long do_lgetxattr(const char *p) {
  char b[64];
  return Q(SYS_lgetxattr, p, "user.none", b, sizeof b);
}
static long do_listxattr(const char *p) {
  char b[64];
  return Q(SYS_listxattr, p, b, sizeof b);
}
static long do_llistxattr(const char *p) {
  char b[64];
  return Q(SYS_llistxattr, p, b, sizeof b);
}
static long do_inotify(const char *p) {
  int fd = inotify_init();
  long r = Q(SYS_inotify_add_watch, fd, p, IN_CREATE);
  close(fd);
  return r;
}
static long do_inotify_nofollow(const char *p) {
  int fd = inotify_init();
  long r = Q(SYS_inotify_add_watch, fd, p, IN_CREATE | IN_DONT_FOLLOW | IN_ONLYDIR);
  close(fd);
  return r;
}
static long do_fanotify(const char *p) {
  long fd = Q(SYS_fanotify_init, FAN_CLASS_NOTIF, O_RDONLY);
  if (fd < 0) return fd;
  long r = Q(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, p);
  close((int)fd);
  return r;
}
static long do_handle(const char *p) {
  struct { struct file_handle h; char room[128]; } h = {{128}};
  int mount;
  long r = Q(SYS_name_to_handle_at, AT_FDCWD, p, &h, &mount, 0);
  return r;
}
static long do_handle_follow(const char *p) {
  struct { struct file_handle h; char room[128]; } h = {{128}};
  int mount;
  return Q(SYS_name_to_handle_at, AT_FDCWD, p, &h, &mount, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
}
static long do_open_tree(const char *p) { return fd_type(Q(SYS_open_tree, AT_FDCWD, p, 0)); }
static long do_file_getattr(const char *p) {
  char b[64];
  return Q(NR_file_getattr, AT_FDCWD, p, b, 24, 0);
}
static long do_getxattrat(const char *p) {
  char b[64];
  struct { uint64_t value; uint32_t size, flags; } a = {(uint64_t)b, sizeof b, 0};
  return Q(NR_getxattrat, AT_FDCWD, p, 0, "user.none", &a, sizeof a);
}
static long do_listxattrat(const char *p) {
  char b[64];
  return Q(NR_listxattrat, AT_FDCWD, p, AT_SYMLINK_NOFOLLOW, b, sizeof b);
}

int main(int argc, char **argv) {
  begin(argc, argv);
#define M(f) tree_matrix(#f, f);
  M(open_read) M(open_dir) M(open_nofollow) M(open_path) M(open_path_nofollow) M(open_path_dir_nofollow) M(do_openat) M(do_openat_dir)
  M(do_openat2) M(do_stat) M(do_lstat) M(do_newfstatat) M(do_newfstatat_empty) M(do_statx) M(do_statx_nofollow) M(do_access) M(do_access_x)
  M(do_faccessat) M(do_faccessat2) M(do_faccessat2_empty) M(do_readlink) M(do_readlinkat) M(do_statfs) M(do_getxattr) M(do_lgetxattr)
  M(do_listxattr) M(do_llistxattr) M(do_inotify) M(do_inotify_nofollow) M(do_fanotify) M(do_handle) M(do_handle_follow) M(do_open_tree)
  M(do_file_getattr) M(do_getxattrat) M(do_listxattrat)
  return 0;
}
