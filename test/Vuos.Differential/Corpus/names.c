// rename, link, symlink, unlink, rmdir, mkdir, mknod, readlink: two-path calls and their flags.
#include "t.h"
#include <dirent.h>
#include <ftw.h>
#include <linux/fs.h>

static int by(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static void ls(const char *dir) {
  struct dirent **e;
  int n = scandir(dir, &e, 0, by);
  SAY("  %s:", dir);
  for (int i = 0; i < n; i++) if (e[i]->d_name[0] != '.') SAY(" %s/%d", e[i]->d_name, e[i]->d_type);
  SAY("\n");
}
static int gone(const char *path, const struct stat *s, int type, struct FTW *f) { return remove(path); }
static void fresh(void) {
  nftw("w", gone, 20, FTW_DEPTH | FTW_PHYS);
  mkdir("w", 0755), mkdir("w/d", 0755), mkdir("w/e", 0755), mkdir("w/d/s", 0755);
  put("w/f", "f", 0644), put("w/g", "g", 0644), put("w/d/h", "h", 0644), symlink("f", "w/lf"), symlink("d", "w/ld"), symlink("none", "w/dang");
}

static const char *from[] = {"f", "d", "e", "lf", "ld", "dang", "none", "d/h", "f/", "d/", "ld/", ".", "..", "ld/h", "ld/s", "d/."};
static const char *to[] = {"f", "g", "d", "e", "lf", "ld", "dang", "new", "d/s", "d/s/x", "new/", "e/", "f/", "ld/new", ".", "d/..", "none/x", "f/x", "ld/", "d/h"};

static void pairs(const char *what, long nr, unsigned flags) {
  int changed = 1;
  AREA(what);
  for (unsigned i = 0; i < sizeof from / sizeof *from; i++)
    for (unsigned j = 0; j < sizeof to / sizeof *to; j++) {
      if (changed) fresh();
      chdir("w");
      long r = nr == SYS_renameat2 ? Q(nr, AT_FDCWD, from[i], AT_FDCWD, to[j], flags) : nr == SYS_linkat ? Q(nr, AT_FDCWD, from[i], AT_FDCWD, to[j], flags)
                                                                                       : Q(nr, from[i], to[j]);
      chdir("..");
      SAY("%s(%s, %s) = %s\n", what, from[i], to[j], r < 0 ? errname(r) : "ok");
      changed = r == 0;
      if (changed) ls("w"), ls("w/d"), ls("w/e");
    }
}

int main(int argc, char **argv) {
  begin(argc, argv);
  AREA("single");
  fresh();
  chdir("w");
  T(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "new", 7);
  T(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "new", 8);
  T(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "g", RENAME_NOREPLACE);
  T(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "g", RENAME_EXCHANGE);
  cat("f");
  T(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "none", RENAME_EXCHANGE);
  T(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "white", RENAME_WHITEOUT);
  ls(".");
  T(SYS_renameat2, AT_FDCWD, NULL, AT_FDCWD, "g", 0);
  T(SYS_renameat2, AT_FDCWD, "g", AT_FDCWD, NULL, 0);
  T(SYS_renameat2, AT_FDCWD, "g", AT_FDCWD, unended(5000), 0);
  T(SYS_rename, "g", at_edge("g2"));
  T(SYS_rename, at_edge("g2"), "g");
  T(SYS_rename, "g", WILD);
  T(SYS_rename, WILD, WILD);
  T(SYS_rename, "", "g");
  T(SYS_rename, "g", "");
  T(SYS_rename, "g", "/proc/x");
  T(SYS_rename, "g", "/proc/self/x");
  T(SYS_link, "g", "/proc/self/x");
  T(SYS_symlink, NULL, "s");
  T(SYS_symlink, "", "s");
  T(SYS_symlink, WILD, "s");
  T(SYS_symlink, "x", WILD);
  T(SYS_symlink, long_path(4095, 100), "s4095");
  T(SYS_symlink, long_path(4096, 100), "s4096");
  T(SYS_symlink, unended(4096), "s-unended");
  T(SYS_symlink, "x", "s4095");
  T(SYS_symlinkat, "x", 77, "s");

  AREA("readlink");
  char b[8192];
  T(SYS_readlink, "s4095", b, sizeof b);
  T(SYS_readlink, "s4095", b, 10);
  T(SYS_readlink, "lf", b, 0);
  T(SYS_readlink, "lf", b, -1);
  T(SYS_readlink, "lf", b, 1);
  memset(b, '#', 8);
  T(SYS_readlink, "lf", b, 8);
  SAY("%.8s\n", b);
  T(SYS_readlink, "lf", NULL, 8);
  T(SYS_readlink, "lf", WILD, 8);
  T(SYS_readlink, "ld", read_only(), 8);
  T(SYS_readlink, "f", WILD, 8);
  T(SYS_readlink, "f", b, 8);
  T(SYS_readlink, ".", b, 8);
  T(SYS_readlink, WILD, b, 8);
  T(SYS_readlink, "lf", wall() - 1, 8);
  T(SYS_readlink, "dang", wall() - 4, 8);
  T(SYS_readlinkat, open("lf", O_PATH | O_NOFOLLOW), "", b, 8);
  T(SYS_readlinkat, open("f", O_PATH), "", b, 8);
  T(SYS_readlinkat, AT_FDCWD, "", b, 8);
  T(SYS_readlinkat, 77, "lf", b, 8);
  T(SYS_open, "s4095", O_RDONLY);

  AREA("chains of links");
  symlink("f", "c00");
  for (int i = 1; i <= 45; i++) {
    char t[20], n[20];
    sprintf(t, "c%02d", i - 1), sprintf(n, "c%02d", i);
    symlink(t, n);
  }
  T(SYS_access, "c38", F_OK);
  T(SYS_access, "c39", F_OK);
  T(SYS_access, "c40", F_OK);
  T(SYS_access, "c41", F_OK);
  struct stat st;
  T(SYS_lstat, "c45", &st);
  T(SYS_lstat, "c45/", &st);

  AREA("mknod");
  T(SYS_mknod, "n-dir", S_IFDIR | 0755, 0);
  T(SYS_mknod, "n-link", S_IFLNK | 0777, 0);
  T(SYS_mknod, "n-bad", 0170000, 0);
  T(SYS_mknod, "n-fifo", S_IFIFO | 0644, 0);
  T(SYS_mknod, "n-fifo", S_IFIFO | 0644, 0);
  T(SYS_mknod, "n-sock", S_IFSOCK | 0644, 0);
  T(SYS_mknod, "n-chr", S_IFCHR | 0644, 0x103);
  T(SYS_mknod, "n-blk", S_IFBLK | 0644, 0x700);
  TOK(SYS_open, "n-chr", O_RDONLY);
  T(SYS_open, "n-sock", O_RDONLY);
  chdir("..");

  AREA("mkdir, rmdir");
  fresh();
  T(SYS_mkdir, "w/a/b", 0755);
  T(SYS_mkdir, "w/dang", 0755);
  T(SYS_mkdir, "w/new/", 0755);
  T(SYS_mkdir, "w/f/x", 0755);
  T(SYS_mkdir, "", 0755);
  T(SYS_rmdir, "w/d");
  T(SYS_rmdir, "w/f");
  T(SYS_rmdir, "w/ld");
  T(SYS_rmdir, "w/ld/s");
  T(SYS_rmdir, "w/new/.");
  T(SYS_rmdir, "w/new/..");
  T(SYS_rmdir, "w/new///");
  T(SYS_unlink, "w/d");
  T(SYS_unlink, "w/d/");
  T(SYS_unlink, "w/f/");
  T(SYS_unlink, "w/lf");
  T(SYS_unlinkat, AT_FDCWD, "w/f", AT_REMOVEDIR);
  T(SYS_unlinkat, AT_FDCWD, "w/e", AT_REMOVEDIR);
  ls("w");

  pairs("rename", SYS_rename, 0);
  pairs("rename-noreplace", SYS_renameat2, RENAME_NOREPLACE);
  pairs("rename-exchange", SYS_renameat2, RENAME_EXCHANGE);
  pairs("link", SYS_link, 0);
  pairs("linkat-follow", SYS_linkat, AT_SYMLINK_FOLLOW);
  return 0;
}
