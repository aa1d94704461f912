// openat2: every RESOLVE flag, the extensible struct, impossible flags.
#include "t.h"
#include <linux/openat2.h>

static void o2(const char *path, int dirfd, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how h = {flags, mode, resolve};
  long r = Q(SYS_openat2, dirfd, path, &h, sizeof h);
  SAY("openat2 %s %s flags %lx mode %lo resolve %lx = ", dirfd == AT_FDCWD ? "cwd" : "dir", path, flags, mode, resolve);
  if (r < 0) { SAY("%s\n", errname(r)); return; }
  struct stat s;
  fstat((int)r, &s);
  SAY("%ld type %o size %ld\n", r, s.st_mode >> 12, S_ISDIR(s.st_mode) ? 0 : (long)s.st_size);
  close((int)r);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  mkdir("d", 0755), mkdir("d/e", 0755);
  put("f", "outer", 0644), put("d/f", "in d", 0644), put("d/e/g", "deep", 0644);
  symlink("f", "d/rel"), symlink("../f", "d/up"), symlink("/f", "d/abs"), symlink("e", "d/to-e");
  symlink("loop", "d/loop"), symlink("/proc/self/fd/1", "d/magic"), symlink("/", "d/root"), symlink("..", "d/dotdot");
  symlink("/proc/self/root", "d/procroot");

  static const char *paths[] = {
    "f", "./f", "e/g", "e/../f", "../f", "../d/f", "rel", "up", "abs", "to-e", "to-e/g", "loop", "magic", "root", "root/etc",
    "dotdot", "dotdot/f", "procroot", "procroot/etc", "/f", "/etc", "/", "..", ".", "", "e/", "f/", "no", "no/f", "f/x", "e/../../f", "e/../../../../f",
  };
  static const uint64_t resolve[] = {
    0, RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT,
    RESOLVE_BENEATH | RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT, 0x100,
  };
  int d = open("d", O_PATH | O_DIRECTORY);
  for (unsigned r = 0; r < sizeof resolve / sizeof *resolve; r++)
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
      // One path leaves the directory, which may be a mount point.
      if (resolve[r] != RESOLVE_NO_XDEV || !strstr(paths[i], "../../..")) o2(paths[i], d, O_RDONLY, 0, resolve[r]);

  AREA("creating");
  o2("made", d, O_CREAT | O_RDWR, 0644, RESOLVE_BENEATH);
  o2("../made", d, O_CREAT | O_RDWR, 0644, RESOLVE_BENEATH);
  o2("/made2", d, O_CREAT | O_RDWR, 0644, RESOLVE_IN_ROOT);
  o2("../../made3", d, O_CREAT | O_RDWR, 0644, RESOLVE_IN_ROOT);
  o2("abs-new", d, O_CREAT | O_EXCL | O_RDWR, 0600, RESOLVE_NO_SYMLINKS);
  V(access("d/made", F_OK)), V(access("d/made2", F_OK)), V(access("d/made3", F_OK)), V(access("made", F_OK));

  AREA("flags and modes that openat2 refuses");
  o2("f", d, O_RDONLY, 0644, 0);
  o2("f", d, O_CREAT | O_RDWR, 010000, 0);
  o2("f", d, 0x100000000ul, 0, 0);
  o2("f", d, 0x40000000, 0, 0);
  o2("f", d, O_PATH | O_RDWR, 0, 0);
  o2("f", d, O_PATH | O_CREAT, 0644, 0);
  o2("f", d, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, 0);
  o2("f", d, O_TMPFILE | O_RDWR, 0644, 0);
  o2("e", d, O_TMPFILE | O_RDWR, 0644, RESOLVE_BENEATH);
  o2("e", d, O_TMPFILE, 0644, 0);
  o2("f", AT_FDCWD, O_RDONLY, 0, 0x20);
  o2("f", AT_FDCWD, O_CREAT, 0644, 0x20);
  o2("newdir", d, O_DIRECTORY | O_CREAT, 0755, 0);

  AREA("the struct");
  struct { struct open_how h; char tail[5000]; } big = {{0}, {0}};
  T(SYS_openat2, d, "f", NULL, sizeof big.h);
  T(SYS_openat2, d, "f", WILD, sizeof big.h);
  T(SYS_openat2, d, "f", &big, 0);
  T(SYS_openat2, d, "f", &big, 23);
  T(SYS_openat2, d, "f", &big, 24);
  T(SYS_openat2, d, "f", &big, 32);
  T(SYS_openat2, d, "f", &big, 4096);
  T(SYS_openat2, d, "f", &big, 4097);
  big.tail[3] = 1;
  T(SYS_openat2, d, "f", &big, 32);
  T(SYS_openat2, d, "f", &big, 24);
  memset(wall() - 24, 0, 24);
  T(SYS_openat2, d, "f", wall() - 24, 24);
  T(SYS_openat2, d, "f", wall() - 24, 32);
  T(SYS_openat2, d, NULL, &big, 24);
  T(SYS_openat2, d, WILD, &big, 24);
  T(SYS_openat2, -1, "f", &big, 24);
  T(SYS_openat2, 999, "f", &big, 24);
  T(SYS_openat2, 0, "f", &big, 24);
  return 0;
}
