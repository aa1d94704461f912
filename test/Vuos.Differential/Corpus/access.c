// access, faccessat2, chmod, chown, umask: modes and credentials.
#include "t.h"

static void perm(const char *path) {
  for (int mode = -1; mode <= 8; mode++) {
    long a = Q(SYS_access, path, mode), b = Q(SYS_faccessat2, AT_FDCWD, path, mode, AT_EACCESS);
    SAY("%s mode %d: %s %s\n", path, mode, a ? errname(a) : "ok", b ? errname(b) : "ok");
  }
}

static void shown(const char *path) {
  struct stat s;
  if (lstat(path, &s) != 0) SAY("  %s: %s\n", path, strerrorname_np(errno));
  else SAY("  %s: %o %d:%d\n", path, s.st_mode, s.st_uid, s.st_gid);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  put("rw", "", 0644), put("ro", "", 0444), put("none", "", 0), put("x", "", 0711), put("xo", "", 0111), mkdir("dn", 0), mkdir("dx", 0111);
  symlink("rw", "l"), symlink("no", "dang");
  perm("rw"), perm("ro"), perm("none"), perm("x"), perm("xo"), perm("dn"), perm("dx"), perm("l"), perm("dang"), perm("dn/x"), perm("/dev/null");
  T(SYS_faccessat2, AT_FDCWD, "dang", F_OK, AT_SYMLINK_NOFOLLOW);
  T(SYS_faccessat2, AT_FDCWD, "l", X_OK, AT_SYMLINK_NOFOLLOW);
  T(SYS_faccessat2, AT_FDCWD, "rw", F_OK, AT_SYMLINK_FOLLOW);
  T(SYS_faccessat2, AT_FDCWD, NULL, F_OK, AT_EMPTY_PATH);
  T(SYS_faccessat2, AT_FDCWD, WILD, F_OK, 0);
  T(SYS_faccessat, AT_FDCWD, "rw", F_OK, 0x7777);

  AREA("chmod");
  static const int modes[] = {0, 0777, 07777, 010000, 04755, 02755, 01777, 0100644, -1};
  for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
    T(SYS_chmod, "rw", modes[i]), shown("rw");
    int fd = open("x", O_RDONLY), path = open("x", O_PATH);
    T(SYS_fchmod, fd, modes[i]), shown("x");
    TOK(SYS_fchmod, path, modes[i]);
    close(fd), close(path);
    chmod("x", 0711);
  }
  T(SYS_chmod, "l", 0600), shown("l"), shown("rw");
  T(SYS_fchmodat, AT_FDCWD, "l", 0640, AT_SYMLINK_NOFOLLOW), shown("rw");
  T(NR_fchmodat2, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW), shown("l");
  T(NR_fchmodat2, AT_FDCWD, "rw", 0604, AT_SYMLINK_NOFOLLOW), shown("rw");
  T(NR_fchmodat2, AT_FDCWD, "rw", 0604, AT_SYMLINK_FOLLOW);
  T(NR_fchmodat2, AT_FDCWD, NULL, 0604, AT_EMPTY_PATH);
  T(SYS_fchmod, 77, 0644);
  T(SYS_chmod, "/etc/passwd-no", 0644);
  T(SYS_chmod, "dn/x", 0644);
  if (geteuid()) T(SYS_chmod, "/etc/passwd", 0644);

  AREA("chown");
  T(SYS_chown, "x", -1, -1), shown("x");
  T(SYS_chown, "x", 65534, -1), shown("x");
  T(SYS_chown, "x", -1, 65534), shown("x");
  T(SYS_chown, "x", 1, 1), shown("x");
  T(SYS_chown, "x", 0, 0), shown("x");
  chmod("x", 06755);
  T(SYS_chown, "x", geteuid(), getegid()), shown("x");
  T(SYS_lchown, "l", 65534, 65534), shown("l"), shown("rw");
  T(SYS_chown, "l", 65534, 65534), shown("l"), shown("rw");
  T(SYS_fchown, 77, 0, 0);
  T(SYS_fchown, open("rw", O_RDONLY), -1, 65534), shown("rw");
  T(SYS_fchown, open("rw", O_PATH), -1, 65534);
  T(SYS_fchownat, AT_FDCWD, "", -1, -1, AT_EMPTY_PATH);
  T(SYS_fchownat, AT_FDCWD, NULL, -1, -1, AT_EMPTY_PATH);
  T(SYS_fchownat, AT_FDCWD, "l", -1, 65534, AT_SYMLINK_NOFOLLOW), shown("l");
  T(SYS_fchownat, AT_FDCWD, "l", -1, 65534, 0x4000);
  T(SYS_chown, "no", 0, 0);
  T(SYS_chown, WILD, 0, 0);

  AREA("umask");
  T(SYS_umask, 077);
  T(SYS_umask, -1);
  T(SYS_umask, 0);
  T(SYS_mkdir, "um0", 07777), shown("um0");
  T(SYS_umask, 0027);
  T(SYS_mkdir, "um27", 0777), shown("um27");
  T(SYS_mknod, "um27f", 0666, 0), shown("um27f");
  TOK(SYS_open, "um27o", O_CREAT | O_RDONLY, 0666), shown("um27o");
  T(SYS_symlink, "x", "um27l"), shown("um27l");

  AREA("as another user");
  if (geteuid() == 0) {
    put("owned", "x", 0600), put("group", "x", 0640), chown("group", 0, 65534);
    if (fork() == 0) {
      setgid(65534), setuid(65534);
      chdir(argv[1]);
      T(SYS_access, "owned", R_OK);
      T(SYS_access, "group", R_OK);
      T(SYS_access, "group", W_OK);
      T(SYS_open, "owned", O_RDONLY);
      TOK(SYS_open, "group", O_RDONLY);
      T(SYS_open, "new", O_CREAT | O_RDWR, 0644);
      T(SYS_chmod, "owned", 0644);
      T(SYS_unlink, "owned");
      T(SYS_open, "dn/x", O_RDONLY);
      _exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
      setresuid(65534, 0, 0);
      T(SYS_access, "owned", R_OK);
      T(SYS_faccessat2, AT_FDCWD, "owned", R_OK, AT_EACCESS);
      T(SYS_faccessat2, AT_FDCWD, "owned", R_OK, 0);
      Q(SYS_setfsuid, 65534);
      T(SYS_open, "owned", O_RDONLY);
      Q(SYS_setfsuid, 0);
      TOK(SYS_open, "owned", O_RDONLY);
      _exit(0);
    }
    wait(NULL);
  }
  return 0;
}
