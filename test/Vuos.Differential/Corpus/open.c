// open, openat, creat: flags, modes, pointers, lengths.
#include "t.h"

static void modes(const char *path) {
  struct stat s;
  if (stat(path, &s) == 0) SAY("  %s mode %o size %ld\n", path, s.st_mode, (long)s.st_size);
  else SAY("  %s %s\n", path, strerrorname_np(errno));
}

static void o(const char *label, const char *path, int flags, int mode) {
  long r = Q(SYS_openat, AT_FDCWD, path, flags, mode);
  SAY("open %s %s", label, r < 0 ? errname(r) : "ok");
  if (r >= 0) {
    struct stat s;
    fstat((int)r, &s);
    SAY(" fd %ld type %o flags %x cloexec %d", r, s.st_mode >> 12, fcntl((int)r, F_GETFL), fcntl((int)r, F_GETFD));
    close((int)r);
  }
  SAY("\n");
}

int main(int argc, char **argv) {
  begin(argc, argv);
  put("f", "hello", 0644);
  put("private", "x", 0000);
  mkdir("d", 0755);
  symlink("f", "to-f");
  symlink("d", "to-d");
  symlink("nowhere", "dangling");
  symlink("loop2", "loop1");
  symlink("loop1", "loop2");
  mkfifo("p", 0644);

  AREA("plain");
  T(SYS_open, "f", O_RDONLY);
  T(SYS_open, "f", O_RDONLY | O_CLOEXEC);
  T(SYS_open, "no", O_RDONLY);
  T(SYS_open, "f/x", O_RDONLY);
  T(SYS_open, "loop1", O_RDONLY);
  T(SYS_open, "", O_RDONLY);
  T(SYS_open, NULL, O_RDONLY);
  T(SYS_open, WILD, O_RDONLY);
  T(SYS_open, KERNEL, O_RDONLY);
  T(SYS_open, NONCANONICAL, O_RDONLY);
  T(SYS_open, -1L, O_RDONLY);
  T(SYS_open, at_edge("f"), O_RDONLY);
  T(SYS_open, unended(5), O_RDONLY);
  T(SYS_open, unended(4095), O_RDONLY);
  T(SYS_open, unended(4096), O_RDONLY);
  T(SYS_open, unended(5000), O_RDONLY);
  T(SYS_creat, NULL, 0644);
  T(SYS_creat, "made", 0666);
  modes("made");
  T(SYS_creat, "d", 0666);
  T(SYS_creat, "no/x", 0666);
  Q(SYS_close_range, 3, ~0u, 0);

  AREA("lengths");
  for (int n = 4094; n <= 4098; n++) {
    SAY("%d: ", n);
    show("dotted", Q(SYS_open, dotted(n, "f"), 0), 0);
    SAY("%d: ", n);
    show("components of 100", Q(SYS_open, long_path(n, 100), 0), 0);
  }
  for (int n = 254; n <= 257; n++) {
    char *p = long_path(n, 1000);
    SAY("%d: ", n);
    show("one component", Q(SYS_open, p, O_CREAT | O_RDWR, 0644), 0);
    unlink(p);
  }
  Q(SYS_close_range, 3, ~0u, 0);

  AREA("flags");
  o("creat", "new", O_CREAT | O_WRONLY, 0640), modes("new");
  o("creat excl there", "new", O_CREAT | O_EXCL | O_WRONLY, 0640);
  o("creat excl dangling", "dangling", O_CREAT | O_EXCL | O_WRONLY, 0640);
  o("creat dangling", "dangling", O_CREAT | O_WRONLY, 0600), modes("nowhere");
  unlink("nowhere");
  o("creat sticky bits", "bits", O_CREAT | O_WRONLY, 07777), modes("bits");
  o("creat on dir", "d", O_CREAT | O_RDONLY, 0640);
  o("creat slash", "slash/", O_CREAT | O_RDWR, 0640);
  o("creat loop", "loop1", O_CREAT | O_RDWR, 0640);
  o("trunc", "new", O_TRUNC | O_WRONLY, 0), modes("new");
  o("trunc rdonly", "f", O_TRUNC | O_RDONLY, 0), modes("f");
  o("directory on file", "f", O_DIRECTORY, 0);
  o("directory on dir", "d", O_DIRECTORY, 0);
  o("directory on link to dir", "to-d", O_DIRECTORY, 0);
  o("directory nofollow on link to dir", "to-d", O_DIRECTORY | O_NOFOLLOW, 0);
  o("directory nofollow on link to dir/", "to-d/", O_DIRECTORY | O_NOFOLLOW, 0);
  o("directory creat", "newdir", O_DIRECTORY | O_CREAT, 0755), modes("newdir");
  o("dir for writing", "d", O_WRONLY, 0);
  o("dir rdwr", "d", O_RDWR, 0);
  o("nofollow file", "f", O_NOFOLLOW, 0);
  o("nofollow link", "to-f", O_NOFOLLOW, 0);
  o("nofollow dangling", "dangling", O_NOFOLLOW, 0);
  o("nofollow through link", "to-d/../f", O_NOFOLLOW, 0);
  o("path file", "f", O_PATH, 0);
  o("path link", "to-f", O_PATH, 0);
  o("path nofollow link", "to-f", O_PATH | O_NOFOLLOW, 0);
  o("path nofollow dangling", "dangling", O_PATH | O_NOFOLLOW, 0);
  o("path dangling", "dangling", O_PATH, 0);
  o("path private", "private", O_PATH, 0);
  o("path creat", "path-creat", O_PATH | O_CREAT, 0644), modes("path-creat");
  o("path directory on file", "f", O_PATH | O_DIRECTORY, 0);
  o("path cloexec", "f", O_PATH | O_CLOEXEC, 0);
  o("path fifo", "p", O_PATH, 0);
  o("tmpfile", ".", O_TMPFILE | O_RDWR, 0644);
  o("tmpfile rdonly", ".", O_TMPFILE | O_RDONLY, 0644);
  o("tmpfile on file", "f", O_TMPFILE | O_RDWR, 0644);
  o("tmpfile missing", "nodir", O_TMPFILE | O_RDWR, 0644);
  o("tmpfile excl", "d", O_TMPFILE | O_RDWR | O_EXCL, 0644);
  o("fifo nonblock read", "p", O_RDONLY | O_NONBLOCK, 0);
  o("fifo nonblock write", "p", O_WRONLY | O_NONBLOCK, 0);
  o("fifo rdwr", "p", O_RDWR, 0);
  o("append", "f", O_WRONLY | O_APPEND, 0);
  o("sync", "f", O_WRONLY | O_SYNC, 0);
  o("dsync", "f", O_WRONLY | O_DSYNC, 0);
  o("noatime", "f", O_RDONLY | O_NOATIME, 0);
  o("noctty", "/dev/null", O_RDWR | O_NOCTTY, 0);
  o("access 3", "f", 3, 0);
  o("unknown bits", "f", 0x40000000, 0);
  o("private for reading", "private", O_RDONLY, 0);
  o("device that is not there", "/dev/tty", O_RDONLY, 0);
  o("/proc/self/fd/1 nofollow", "/proc/self/fd/1", O_NOFOLLOW, 0);

  AREA("tmpfile linked in");
  int fd = open("d", O_TMPFILE | O_RDWR, 0600);
  write(fd, "tmp", 3);
  char proc[40];
  sprintf(proc, "/proc/self/fd/%d", fd);
  T(SYS_linkat, AT_FDCWD, proc, AT_FDCWD, "linked", AT_SYMLINK_FOLLOW);
  cat("linked");
  close(fd);

  AREA("limit of descriptors");
  struct rlimit lim = {6, 6};
  setrlimit(RLIMIT_NOFILE, &lim);
  for (int i = 0; i < 4; i++) T(SYS_openat, AT_FDCWD, "f", O_RDONLY);
  T(SYS_openat, AT_FDCWD, "no", O_RDONLY);
  return 0;
}
