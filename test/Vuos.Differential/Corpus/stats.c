// stat, statx, statfs: fields, masks, flags, bad buffers.
#include "t.h"
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/statvfs.h>

static void fields(const char *path, int flags) {
  struct stat s, f;
  if (fstatat(AT_FDCWD, path, &s, flags) != 0) { SAY("%s: %s\n", path, strerrorname_np(errno)); return; }
  int dir = S_ISDIR(s.st_mode);
  SAY("%s: mode %o links %ld uid %d gid %d size %ld rdev %u:%u blksize %ld\n", path, s.st_mode, (long)s.st_nlink, s.st_uid, s.st_gid,
      dir ? 0 : (long)s.st_size, major(s.st_rdev), minor(s.st_rdev), (long)s.st_blksize);
  struct statx x;
  if (Q(SYS_statx, AT_FDCWD, path, flags, STATX_BASIC_STATS, &x) == 0)
    SAY("  statx agrees: %d %d %d %d %d %d\n", x.stx_mode == s.st_mode, x.stx_ino == s.st_ino, makedev(x.stx_dev_major, x.stx_dev_minor) == s.st_dev,
        x.stx_nlink == s.st_nlink, x.stx_size == (unsigned long)s.st_size, x.stx_mtime.tv_sec == s.st_mtim.tv_sec);
  int fd = open(path, O_PATH | (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0));
  if (fd >= 0 && fstat(fd, &f) == 0) SAY("  the open file is the same: %d\n", f.st_ino == s.st_ino && f.st_dev == s.st_dev);
  close(fd);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  struct stat st, other;
  struct statx x;
  struct statfs sf;
  put("f", "hello", 0640), mkdir("d", 0751), link("f", "f2"), symlink("f", "l"), symlink("d", "ld"), mkfifo("p", 0600);
  fields("f", 0), fields("f2", 0), fields("d", 0), fields("l", 0), fields("l", AT_SYMLINK_NOFOLLOW), fields("ld", 0), fields("ld/", 0);
  fields("p", 0), fields(".", 0), fields("/dev/null", 0), fields("/proc/self", AT_SYMLINK_NOFOLLOW | 0);
  stat("f", &st), stat("d/../f2", &other), V(st.st_ino == other.st_ino);
  stat(".", &st), stat("d/..", &other), V(st.st_ino == other.st_ino && st.st_dev == other.st_dev);
  stat("f", &st), stat("d", &other), V(st.st_dev == other.st_dev);
  stat(argv[1], &st), stat(".", &other), V(st.st_ino == other.st_ino && st.st_dev == other.st_dev);

  AREA("bad buffers");
  T(SYS_stat, "f", NULL);
  T(SYS_stat, "f", WILD);
  T(SYS_stat, "f", KERNEL);
  T(SYS_stat, "f", wall() - 10);
  T(SYS_stat, "f", read_only());
  T(SYS_stat, "no", NULL);
  T(SYS_stat, NULL, NULL);
  T(SYS_lstat, "l", WILD);
  T(SYS_lstat, "l", wall() - sizeof st);
  T(SYS_lstat, "l", wall() - sizeof st + 1);
  T(SYS_fstat, 0, NULL);
  T(SYS_fstat, 77, NULL);
  T(SYS_newfstatat, AT_FDCWD, "f", WILD, 0);
  T(SYS_newfstatat, AT_FDCWD, "f", &st, -1);
  T(SYS_newfstatat, AT_FDCWD, "f", &st, AT_NO_AUTOMOUNT);
  T(SYS_newfstatat, AT_FDCWD, "f", &st, AT_SYMLINK_FOLLOW);
  T(SYS_newfstatat, AT_FDCWD, NULL, &st, AT_EMPTY_PATH);
  T(SYS_newfstatat, AT_FDCWD, NULL, &st, 0);
  T(SYS_newfstatat, 77, NULL, &st, AT_EMPTY_PATH);
  T(SYS_newfstatat, AT_FDCWD, WILD, &st, AT_EMPTY_PATH);
  T(SYS_statfs, "f", NULL);
  T(SYS_statfs, "f", WILD);
  T(SYS_statfs, WILD, &sf);
  T(SYS_statfs, "no", &sf);
  T(SYS_fstatfs, 0, WILD);
  T(SYS_fstatfs, 77, &sf);

  AREA("statx");
  T(SYS_statx, AT_FDCWD, "f", 0, 0, &x);
  T(SYS_statx, AT_FDCWD, "f", 0, 0xfff, NULL);
  T(SYS_statx, AT_FDCWD, "f", 0, 0xfff, WILD);
  T(SYS_statx, AT_FDCWD, "f", 0, 0xfff, wall() - 100);
  T(SYS_statx, AT_FDCWD, "f", 0, 0x80000000u, &x);
  T(SYS_statx, AT_FDCWD, "f", AT_STATX_FORCE_SYNC, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, "f", AT_STATX_DONT_SYNC, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, "f", 0x6000, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, "f", 0x1, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, NULL, AT_EMPTY_PATH, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, NULL, 0, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, "", 0, 0xfff, &x);
  T(SYS_statx, AT_FDCWD, "", AT_EMPTY_PATH, 0xfff, &x);
  T(SYS_statx, 77, "f", 0, 0xfff, &x);
  T(SYS_statx, 0, "", AT_EMPTY_PATH, 0xfff, &x);
  for (unsigned bit = 1; bit < 0x20000; bit <<= 1) {
    memset(&x, 0xee, sizeof x);
    long r = Q(SYS_statx, AT_FDCWD, "f", 0, bit, &x);
    SAY("mask %x = %ld, got %x, size %ld, nlink %u, spare cleared %d\n", bit, r, x.stx_mask, (long)x.stx_size, x.stx_nlink,
        ((unsigned char *)&x)[255] == 0);
  }
  T(SYS_statx, AT_FDCWD, "d", 0, STATX_BASIC_STATS, &x);
  SAY("attributes of d, mount root excepted: %lx\n", (unsigned long)x.stx_attributes & ~0x2000ul);

  AREA("statfs");
  struct statfs here, there;
  V(statfs(".", &here)), V(statfs("f", &there)), V(here.f_type == there.f_type), V(here.f_bsize == there.f_bsize), V(here.f_namelen);
  V(memcmp(&here.f_fsid, &there.f_fsid, sizeof here.f_fsid));
  V(statfs("/proc", &there)), V(there.f_type == 0x9fa0);
  V(statfs(argv[1], &there)), V(memcmp(&here.f_fsid, &there.f_fsid, sizeof here.f_fsid));
  T(SYS_ustat, 0xffff, &there);
  T(SYS_ustat, st.st_dev, NULL);
  return 0;
}
