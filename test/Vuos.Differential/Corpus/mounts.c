// mount and its relatives: what no module claims is the kernel's business, as root in a private namespace and as nobody.
#include "t.h"
#include <linux/mount.h>
#include <sys/statfs.h>
enum { RDONLY = 1, REMOUNT = 32, BIND = 4096, MOVE = 8192, DETACH = 2, EXPIRE = 4, NOFOLLOW = 8 };

static void listed(const char *tail) {
  char line[8192];
  int n = 0;
  FILE *f = fopen("/proc/self/mountinfo", "r");
  while (fgets(line, sizeof line, f)) {
    char path[5000] = "";
    sscanf(line, "%*s %*s %*s %*s %4999s", path);
    size_t l = strlen(path), t = strlen(tail);
    if (l >= t && !strcmp(path + l - t, tail)) n++;
  }
  fclose(f);
  SAY("  mountinfo has %s %d times\n", tail, n);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  char abs_[4300];
  mkdir("m", 0755), mkdir("n", 0755), mkdir("src", 0755), put("src/f", "source", 0644), put("f", "file", 0644), put("g", "other", 0644), symlink("m", "lm"), mkdir("m/below", 0755);
  AREA("refused");
  T(SYS_mount, NULL, NULL, NULL, 0, NULL);
  T(SYS_mount, "none", "m", "no-such-type", 0, NULL);
  T(SYS_mount, "none", "none", "tmpfs", 0, NULL);
  T(SYS_mount, "none", "f", "tmpfs", 0, NULL);
  T(SYS_mount, "none", WILD, "tmpfs", 0, NULL);
  T(SYS_mount, "none", "m", WILD, 0, NULL);
  T(SYS_mount, WILD, "m", "tmpfs", 0, NULL);
  T(SYS_mount, "none", "m", "tmpfs", 0, WILD);
  T(SYS_mount, "none", "m", NULL, 0, NULL);
  T(SYS_mount, "none", "m", "tmpfs", 0, "size=bad");
  T(SYS_mount, "no-source", "m", NULL, BIND, NULL);
  T(SYS_mount, "f", "m", NULL, BIND, NULL);
  T(SYS_mount, "f", "m", "ext4", 0, NULL);
  T(SYS_umount2, "m", 0);
  T(SYS_umount2, "f", 0);
  T(SYS_umount2, "none", 0);
  T(SYS_umount2, WILD, 0);
  T(SYS_umount2, "m", 0x100);
  AREA("tmpfs");
  if (T(SYS_mount, "none", "lm", "tmpfs", 0, "size=1m,mode=0750") == 0) {
    listed("/m");
    struct stat a, b;
    struct statfs s;
    V(stat("m", &a)), SAY("mode %o\n", a.st_mode), stat(".", &b), V(a.st_dev == b.st_dev), V(statfs("m", &s)), V(s.f_type), V(s.f_blocks);
    V(access("m/below", F_OK)), put("m/in", "inside", 0644), cat("lm/in");
    T(SYS_rename, "m/in", "out");
    T(SYS_link, "m/in", "out");
    T(SYS_rename, "m", "m2");
    T(SYS_rmdir, "m");
    T(SYS_chdir, "m");
    T(SYS_umount2, "../m", 0);
    T(SYS_chdir, "..");
    T(SYS_umount2, "m", EXPIRE | DETACH);
    T(SYS_umount2, "m", EXPIRE);
    T(SYS_mount, "none", "m", NULL, REMOUNT | RDONLY, NULL);
    T(SYS_open, "m/new", O_CREAT | O_RDWR, 0644);
    T(SYS_mount, "m", "n", NULL, MOVE, NULL);
    V(access("m/below", F_OK)), cat("n/in");
    T(SYS_umount2, "lm", NOFOLLOW);
    T(SYS_umount2, "n", 0);
    T(SYS_umount2, "n", 0);
    AREA("bind");
    T(SYS_mount, "src", "m", NULL, BIND, NULL);
    listed("/m");
    cat("m/f"), put("m/new", "via bind", 0644), cat("src/new");
    stat("src/f", &a), stat("m/f", &b), V(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    T(SYS_link, "m/f", "src/hard");
    T(SYS_rename, "m/f", "src/moved");
    T(SYS_mount, "none", "m", NULL, BIND | REMOUNT | RDONLY, NULL);
    T(SYS_open, "m/f", O_RDWR);
    T(SYS_umount2, "lm", 0);
    T(SYS_mount, "g", "f", NULL, BIND, NULL);
    cat("f");
    T(SYS_unlink, "f");
    T(SYS_umount2, "f", 0);
    cat("f");
    snprintf(abs_, sizeof abs_, "%s/m", argv[1]);
    T(SYS_mount, "src", abs_, NULL, BIND, NULL);
    T(SYS_umount2, abs_, DETACH);
  }
  AREA("the new calls");
  T(SYS_fsopen, "no-such-type", 0);
  T(SYS_fsopen, WILD, 0);
  long fs = T(SYS_fsopen, "tmpfs", 1);
  T(SYS_fsconfig, 77, 0, "x", "y", 0);
  T(SYS_fsmount, 77, 0, 0);
  if (fs >= 0) {
    T(SYS_fsconfig, fs, 1, "size", "64k", 0);
    T(SYS_fsconfig, fs, 6, NULL, NULL, 0);
    long mnt = T(SYS_fsmount, fs, 1, 0);
    T(SYS_move_mount, mnt, "", AT_FDCWD, "m", 4);
    put("m/new-api", "yes", 0644), cat("m/new-api");
    T(SYS_fspick, AT_FDCWD, "m", 0);
    struct mount_attr attr = {1, 0, 0, 0};
    T(SYS_mount_setattr, AT_FDCWD, "m", 0, &attr, sizeof attr);
    T(SYS_open, "m/more", O_CREAT | O_RDWR, 0644);
    long tree = T(SYS_open_tree, AT_FDCWD, "m", 1);
    T(SYS_move_mount, tree, "", AT_FDCWD, "n", 4);
    cat("n/new-api");
    T(SYS_umount2, "n", DETACH);
    T(SYS_umount2, "m", DETACH);
  }
  T(SYS_open_tree, AT_FDCWD, "none", 0);
  TOK(SYS_open_tree, AT_FDCWD, "src", 0);
  T(SYS_open_tree, AT_FDCWD, "src", 0x800);
  T(SYS_move_mount, AT_FDCWD, "none", AT_FDCWD, "m", 0);
  T(SYS_fspick, AT_FDCWD, "none", 0);
  T(SYS_mount_setattr, AT_FDCWD, "none", 0, WILD, 32);
  T(NR_open_tree_attr, AT_FDCWD, "none", 0, NULL, 0);
  return 0;
}
