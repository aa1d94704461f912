// getcwd, chdir, fchdir, chroot; deleted and over-long working directories.
#include "t.h"

static char root[4200];

// The working directory relative to the one given, as the absolute path may be any.
static void where(void) {
  char b[8192];
  long r = Q(SYS_getcwd, b, sizeof b);
  if (r < 0) { SAY("  cwd: %s\n", errname(r)); return; }
  size_t n = strlen(root);
  if (!strncmp(b, root, n)) SAY("  cwd: @%.80s length ok %d\n", b + n, r == (long)strlen(b) + 1);
  else SAY("  cwd: %.80s\n", b);
  int fd = open("/proc/self/cwd", O_PATH);
  struct stat a, c;
  if (fd >= 0 && fstat(fd, &a) == 0 && stat(".", &c) == 0) SAY("  /proc/self/cwd is .: %d\n", a.st_ino == c.st_ino);
  close(fd);
  r = readlink("/proc/self/cwd", b, sizeof b - 1);
  if (r < 0) { SAY("  link: %s\n", strerrorname_np(errno)); return; }
  b[r] = 0;
  if (!strncmp(b, root, n)) SAY("  link: @%.80s\n", b + n);
  else SAY("  link: %.80s\n", b);
}

static void deleted(void *unused) {
  struct stat s;
  mkdir("gone", 0755), chdir("gone"), rmdir("../gone");
  where();
  char b[100];
  T(SYS_getcwd, b, 100);
  T(SYS_stat, ".", &s);
  V(s.st_nlink);
  T(SYS_stat, "..", &s);
  T(SYS_open, "x", O_CREAT | O_RDWR, 0644);
  T(SYS_open, "x", O_RDONLY);
  T(SYS_open, ".", O_RDONLY);
  T(SYS_open, "..", O_RDONLY);
  T(SYS_open, "../f", O_RDONLY);
  T(SYS_mkdir, "x", 0755);
  T(SYS_symlink, "x", "y");
  T(SYS_chdir, ".");
  T(SYS_access, "", F_OK);
  T(SYS_chdir, "..");
  where();
}

static void deep(void *unused) {
  char *name = long_path(200, 4000);
  int steps = 0;
  while (steps < 30 && mkdir(name, 0755) == 0 && chdir(name) == 0) steps++;
  V(steps);
  char b[8192];
  struct stat s;
  T(SYS_getcwd, b, sizeof b);
  T(SYS_getcwd, b, 100);
  T(SYS_getcwd, b, 4096);
  where();
  put("f", "deep", 0644), cat("f");
  T(SYS_stat, "f", &s);
  T(SYS_stat, "../f", &s);
  T(SYS_mkdir, "d", 0755);
  T(SYS_rename, "f", "d/f");
  cat("d/f");
  T(SYS_symlink, "d/f", "l");
  cat("l");
  T(SYS_open, ".", O_RDONLY);
  T(SYS_chdir, "d");
  cat("f");
  T(SYS_chdir, "../..");
  V(access(name, F_OK));
  int pid = fork();
  if (pid == 0) {
    execl("/bin/cat", "cat", "/proc/self/cwd/none", (char *)0);
    _exit(1);
  }
  int status;
  waitpid(pid, &status, 0);
  how("cat", status);
  for (int i = 0; i < steps - 1; i++) chdir("..");
  where();
}

static void jail(void *unused) {
  struct stat s;
  mkdir("jail", 0755), mkdir("jail/in", 0755), put("jail/in/f", "jailed", 0644), symlink("/in/f", "jail/abs"), symlink("../../../in/f", "jail/in/up");
  int out = open(".", O_PATH);
  T(SYS_chroot, "nojail");
  T(SYS_chroot, "f");
  T(SYS_chroot, WILD);
  T(SYS_chroot, "jail/in/f/x");
  if (T(SYS_chroot, "jail") < 0) return;
  char b[300];
  T(SYS_chdir, "/in");
  long r = Q(SYS_getcwd, b, sizeof b);
  SAY("cwd in the jail: %s (%ld)\n", r > 0 ? b : errname(r), r);
  cat("/in/f"), cat("/abs"), cat("/in/up"), cat("/../../in/f"), cat("up");
  T(SYS_stat, "/..", &s);
  T(SYS_stat, "/proc", &s);
  T(SYS_open, "/etc/passwd", O_RDONLY);
  T(SYS_mkdir, "/made", 0755);
  T(SYS_chdir, "/../..");
  T(SYS_openat, out, "f", O_RDONLY);
  T(SYS_fchdir, out);
  r = Q(SYS_getcwd, b, sizeof b);
  SAY("cwd outside the jail: %s\n", r > 0 ? (strncmp(b, "(unreachable)", 13) ? b : "unreachable") : errname(r));
  cat("f");
  T(SYS_access, "jail/made", F_OK);
  T(SYS_access, "jail/in/up", F_OK);
  T(SYS_access, "jail/abs", F_OK);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  snprintf(root, sizeof root, "%s", argv[1]);
  char b[8192];
  mkdir("d", 0755), mkdir("d/e", 0755), put("f", "file", 0644), symlink("d/e", "l"), symlink("none", "dang"), symlink("loop", "loop"), mkdir("shut", 0);
  int len = (int)strlen(root) + 1;
  where();
  AREA("sizes");
  V(Q(SYS_getcwd, b, len) == len);
  T(SYS_getcwd, b, len - 1);
  T(SYS_getcwd, b, 1);
  T(SYS_getcwd, b, 0);
  TOK(SYS_getcwd, b, -1);
  T(SYS_getcwd, NULL, 0);
  T(SYS_getcwd, NULL, 4096);
  T(SYS_getcwd, WILD, 4096);
  T(SYS_getcwd, read_only(), 4096);
  TOK(SYS_getcwd, wall() - len, len);
  TOK(SYS_getcwd, wall() - len, 4096);
  T(SYS_getcwd, wall() - len + 1, 4096);

  AREA("chdir");
  T(SYS_chdir, "f");
  T(SYS_chdir, "f/");
  T(SYS_chdir, "none");
  T(SYS_chdir, "dang");
  T(SYS_chdir, "loop");
  T(SYS_chdir, "");
  T(SYS_chdir, NULL);
  T(SYS_chdir, WILD);
  T(SYS_chdir, unended(5000));
  T(SYS_chdir, dotted(4095, "d"));
  where();
  T(SYS_chdir, "e/../.."), where();
  T(SYS_chdir, "l"), where();
  T(SYS_chdir, ".."), where();
  T(SYS_chdir, root), where();
  T(SYS_chdir, "//d///e//"), T(SYS_chdir, "d//e///"), where();
  T(SYS_chdir, "/proc/self/cwd"), where();
  T(SYS_chdir, "/"), where();
  T(SYS_chdir, ".."), where();
  T(SYS_chdir, "/proc/self/fd"), T(SYS_chdir, root);
  T(SYS_chdir, "shut"), Q(SYS_chdir, root);
  T(SYS_fchdir, open("d", O_RDONLY)), where();
  T(SYS_fchdir, open("../d/e", O_PATH)), where();
  T(SYS_fchdir, open("../../f", O_RDONLY));
  T(SYS_fchdir, 77);
  T(SYS_fchdir, -1);
  T(SYS_fchdir, AT_FDCWD);
  AREA("a directory renamed below us");
  T(SYS_chdir, root), T(SYS_chdir, "d/e"), T(SYS_rename, "../../d", "../../moved"), where();
  T(SYS_chdir, ".."), where();
  T(SYS_chdir, root), T(SYS_rename, "moved", "d");
  AREA("deleted"), in_child(deleted, 0), where();
  AREA("deep"), in_child(deep, 0), where();
  AREA("chroot"), in_child(jail, 0), where();
  return 0;
}
