// The *at calls over every kind of directory descriptor and path.
#include "t.h"
#include <linux/openat2.h>
#include <sys/statfs.h>

static int fds[16];
static const char *names[] = {"cwd", "dir", "opath-dir", "file", "opath-file", "opath-link", "fifo-opath", "closed", "-1", "-101", "deleted", "stdin", "pipe", "root"};
static const char *paths[] = {"f", "sub/g", "../outside", "", ".", "..", "/etc/passwd", "no", "f/", "../nodir/x", "deep/../f", "/"};

static void open_all(void) {
  int p[2];
  mkdir("gone", 0755);
  int i = 0;
  fds[i++] = AT_FDCWD;
  fds[i++] = open("dir", O_RDONLY | O_DIRECTORY);
  fds[i++] = open("dir", O_PATH);
  fds[i++] = open("outside", O_RDONLY);
  fds[i++] = open("outside", O_PATH);
  fds[i++] = open("link", O_PATH | O_NOFOLLOW);
  fds[i++] = open("fifo", O_PATH);
  fds[i++] = 900;
  fds[i++] = -1;
  fds[i++] = -101;
  fds[i++] = open("gone", O_RDONLY);
  fds[i++] = 0;
  if (pipe(p) == 0) fds[i++] = p[0];
  fds[i++] = open("/", O_PATH);
  rmdir("gone");
}

// A call that would change something that is not ours (below "/", standard input) is not made.
static int foreign(int fd, const char *p) { return *p == '/' || fd == 0 || fd == fds[13]; }

#define EACH(name, expr) \
  static void name(void) { \
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) \
      for (unsigned j = 0; j < sizeof paths / sizeof *paths; j++) { \
        int fd = fds[i]; const char *p = paths[j]; \
        long r = (expr); \
        SAY("%s(%s, \"%s\") = %s\n", #name, names[i], p, r < 0 ? errname(r) : "ok"); \
      } \
  }

static struct stat st;
static struct statx stx;
static char buf[256];
static long shut(long r) { return r < 0 ? r : (close((int)r), 0); }
EACH(openat_rd, shut(Q(SYS_openat, fd, p, O_RDONLY | O_NONBLOCK)))
EACH(openat_dir, shut(Q(SYS_openat, fd, p, O_DIRECTORY)))
EACH(openat_path, shut(Q(SYS_openat, fd, p, O_PATH | O_NOFOLLOW)))
EACH(openat2_plain, ({ struct open_how h = {O_RDONLY | O_NONBLOCK}; shut(Q(SYS_openat2, fd, p, &h, sizeof h)); }))
EACH(fstatat_plain, Q(SYS_newfstatat, fd, p, &st, 0))
EACH(fstatat_empty, Q(SYS_newfstatat, fd, p, &st, AT_EMPTY_PATH))
EACH(fstatat_nofollow_empty, Q(SYS_newfstatat, fd, p, &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
EACH(fstatat_badflag, Q(SYS_newfstatat, fd, p, &st, 0x40000000))
EACH(statx_empty, Q(SYS_statx, fd, p, AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_ALL, &stx))
EACH(faccessat_r, Q(SYS_faccessat, fd, p, R_OK))
EACH(faccessat2_empty, Q(SYS_faccessat2, fd, p, R_OK, AT_EMPTY_PATH))
EACH(faccessat2_badflag, Q(SYS_faccessat2, fd, p, R_OK, 0x40000000))
EACH(readlinkat_any, Q(SYS_readlinkat, fd, p, buf, sizeof buf))
EACH(mkdirat_there, foreign(fd, p) ? 0 : Q(SYS_mkdirat, fd, p, 0755))
EACH(unlinkat_badflag, Q(SYS_unlinkat, fd, p, 0x40000000))
EACH(unlinkat_none, foreign(fd, p) ? 0 : Q(SYS_unlinkat, fd, "none", 0))
EACH(fchmodat_same, foreign(fd, p) ? 0 : Q(SYS_fchmodat, fd, p, 0755))
EACH(fchmodat2_empty, foreign(fd, p) ? 0 : Q(NR_fchmodat2, fd, p, 0755, AT_EMPTY_PATH))
EACH(fchmodat2_badflag, Q(NR_fchmodat2, fd, p, 0755, 0x40000000))
EACH(fchownat_same, foreign(fd, p) ? 0 : Q(SYS_fchownat, fd, p, -1, -1, 0))
EACH(fchownat_empty, foreign(fd, p) ? 0 : Q(SYS_fchownat, fd, p, -1, -1, AT_EMPTY_PATH))
EACH(utimensat_now, foreign(fd, p) ? 0 : Q(SYS_utimensat, fd, p, NULL, 0))
EACH(utimensat_empty, foreign(fd, p) ? 0 : Q(SYS_utimensat, fd, p, NULL, AT_EMPTY_PATH))
EACH(utimensat_null, foreign(fd, p) ? 0 : Q(SYS_utimensat, fd, NULL, NULL, 0))
EACH(symlinkat_there, foreign(fd, p) ? 0 : Q(SYS_symlinkat, "x", fd, p))
EACH(mknodat_there, foreign(fd, p) ? 0 : Q(SYS_mknodat, fd, p, S_IFREG | 0600, 0))
EACH(renameat_none, foreign(fd, p) ? 0 : Q(SYS_renameat, fd, "none", fd, p))
EACH(renameat_to, foreign(fd, p) ? 0 : Q(SYS_renameat, AT_FDCWD, "none", fd, p))
EACH(renameat2_badflag, Q(SYS_renameat2, fd, p, fd, p, 0x40))
EACH(renameat2_both, Q(SYS_renameat2, fd, p, fd, p, 3))
EACH(linkat_exists, Q(SYS_linkat, fd, p, AT_FDCWD, "outside", AT_EMPTY_PATH))
EACH(linkat_badflag, Q(SYS_linkat, fd, p, AT_FDCWD, "made", 0x40000000))
EACH(handle_empty, ({ struct { unsigned bytes; int type; char b[128]; } h = {128}; int m; Q(SYS_name_to_handle_at, fd, p, &h, &m, AT_EMPTY_PATH); }))
EACH(chdir_by_fd, ({ int here = open(".", O_PATH); long r = Q(SYS_fchdir, fd); fchdir(here); close(here); r; }))
EACH(fstat_plain, Q(SYS_fstat, fd, &st))
EACH(fstatfs_plain, ({ struct statfs s; Q(SYS_fstatfs, fd, &s); }))
EACH(execveat_no, ({ char *no[] = {NULL}; Q(SYS_execveat, fd, "none", no, no, AT_EMPTY_PATH); }))

int main(int argc, char **argv) {
  begin(argc, argv);
  // One level down, so that ".." is ours too.
  mkdir("work", 0755), chdir("work");
  mkdir("dir", 0755), mkdir("dir/sub", 0755), mkdir("sub", 0755), mkdir("dir/deep", 0755);
  put("f", "1", 0644), put("dir/f", "2", 0644), put("dir/sub/g", "3", 0644), put("outside", "4", 0644);
  symlink("outside", "link"), mkfifo("fifo", 0644);
  open_all();
  openat_rd(), openat_dir(), openat_path(), openat2_plain(), fstatat_plain(), fstatat_empty(), fstatat_nofollow_empty(), fstatat_badflag(), statx_empty();
  faccessat_r(), faccessat2_empty(), faccessat2_badflag(), readlinkat_any(), mkdirat_there(), unlinkat_badflag(), unlinkat_none(), fchmodat_same();
  fchmodat2_empty(), fchmodat2_badflag(), fchownat_same(), fchownat_empty(), utimensat_now(), utimensat_empty(), utimensat_null(), mknodat_there(), symlinkat_there();
  renameat_none(), renameat_to(), renameat2_badflag(), renameat2_both(), linkat_exists(), linkat_badflag(), handle_empty(), chdir_by_fd();
  fstat_plain(), fstatfs_plain(), execveat_no();

  AREA("the deleted directory");
  int gone = fds[10];
  V(openat(gone, "x", O_CREAT | O_RDWR, 0644)), V(errno);
  V(mkdirat(gone, "x", 0755)), V(errno);
  V(fstatat(gone, ".", &st, 0)), V(st.st_nlink);
  V(fstatat(gone, "..", &st, 0)), V(errno);
  return 0;
}
