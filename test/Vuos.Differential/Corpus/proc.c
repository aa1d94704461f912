// /proc as the program sees itself: cwd, root, exe, fd, maps, status, other processes.
#include "t.h"
#include <dirent.h>

static char root[4200];
static void shown(const char *what, const char *path) {
  char b[4200];
  ssize_t n = readlink(path, b, sizeof b - 1);
  if (n < 0) { SAY("%s: %s\n", what, strerrorname_np(errno)); return; }
  b[n] = 0;
  size_t l = strlen(root);
  struct stat a;
  SAY("%s: %s%s", what, strncmp(b, root, l) ? "" : "@", strncmp(b, root, l) ? b : b + l);
  if (lstat(path, &a) == 0) SAY(" mode %o size %ld", a.st_mode & ~0777, (long)a.st_size);
  SAY("\n");
}
static void status(const char *key) {
  char line[300];
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f)) if (!strncmp(line, key, strlen(key))) SAY("%s", line);
  if (f) fclose(f);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  snprintf(root, sizeof root, "%s", argv[1]);
  char b[4200], l[4200];
  put("f", "some text", 0644), mkdir("d", 0755), put("d/g", "g", 0644), symlink("d/g", "l"), put("gone", "was here", 0644);
  AREA("links");
  shown("cwd", "/proc/self/cwd"), shown("root", "/proc/self/root");
  ssize_t n = readlink("/proc/self/exe", b, sizeof b - 1);
  b[n < 0 ? 0 : n] = 0;
  V(strcmp(b, realpath(argv[0], l)));
  chdir("d"), shown("cwd", "/proc/self/cwd"), shown("thread cwd", "/proc/thread-self/cwd"), chdir("..");
  int fds[] = {open("f", O_RDONLY), open("l", O_RDONLY), open("d", O_PATH), open("l", O_PATH | O_NOFOLLOW), open("d/../f", O_RDWR), open("gone", O_RDONLY), open("/dev/null", O_RDWR), open("/", O_RDONLY), open("/etc/../etc/passwd", O_RDONLY)};
  unlink("gone");
  for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++) {
    sprintf(b, "/proc/self/fd/%d", fds[i]), shown(b, b);
    sprintf(b, "/proc/%d/fd/%d", getpid(), fds[i]), shown("  by pid", b);
    sprintf(b, "/dev/fd/%d", fds[i]);
    int again = open(b, O_RDONLY);
    SAY("  opened again: %s\n", again < 0 ? strerrorname_np(errno) : "ok");
    close(again);
  }
  shown("a descriptor that is closed", "/proc/self/fd/77");
  rename("f", "moved"), sprintf(b, "/proc/self/fd/%d", fds[0]), shown("renamed", b), rename("moved", "f");
  AREA("paths through /proc");
  cat("/proc/self/cwd/f"), snprintf(b, sizeof b, "/proc/self/root%s/f", root);
  V(access(b, R_OK)), V(access("/proc/self/cwd/d/../l", R_OK));
  sprintf(b, "/proc/%d/cwd/d/g", getpid()), V(access(b, R_OK));
  sprintf(b, "/proc/self/fd/%d/g", fds[2]), V(access(b, R_OK));
  sprintf(b, "/proc/self/fd/%d/../f", fds[2]), V(access(b, R_OK));
  sprintf(b, "/proc/self/task/%d/cwd/f", getpid()), V(access(b, R_OK));
  T(SYS_open, "/proc/self/cwd/made", O_CREAT | O_RDWR, 0644);
  V(access("made", F_OK));
  T(SYS_open, "/proc/self/exe/x", O_RDONLY);
  T(SYS_open, "/proc/self/nothing", O_RDONLY);
  T(SYS_open, "/proc/0x1/cwd", O_RDONLY);
  T(SYS_chdir, "/proc/self/cwd/d"), shown("cwd", "/proc/self/cwd"), T(SYS_chdir, root);
  T(SYS_readlink, "/proc/self", b, 0);
  n = readlink("/proc/self", b, sizeof b), V(atoi(b) == getpid());
  AREA("a child's");
  int pp[2];
  pipe(pp);
  pid_t p = fork();
  if (p == 0) { chdir("d"); write(pp[1], "x", 1); for (;;) pause(); }
  read(pp[0], b, 1);
  sprintf(b, "/proc/%d/cwd", p), shown("cwd", b);
  sprintf(b, "/proc/%d/cwd/g", p), V(access(b, R_OK));
  sprintf(b, "/proc/%d/root%s/f", p, root), V(access(b, R_OK));
  kill(p, SIGKILL), waitpid(p, NULL, 0);
  sprintf(b, "/proc/%d/cwd", p), V(access(b, F_OK));
  AREA("maps");
  mmap(0, 4096, PROT_READ, MAP_PRIVATE, fds[1], 0);
  FILE *f = fopen("/proc/self/maps", "r");
  snprintf(l, sizeof l, "%s/d/g\n", root);
  int mapped = 0, own = 0, text = 0;
  while (fgets(b, sizeof b, f)) mapped += strstr(b, l) != NULL, text += strstr(b, "libc") != NULL, own += strstr(b, strrchr(argv[0], '/')) != NULL;
  V(mapped), V(own > 1), V(text > 1);
  AREA("status");
  status("Uid"), status("Gid"), status("Threads"), status("SigBlk"), status("SigIgn"), status("SigCgt"), status("CapEff"), status("CapPrm"), status("CapAmb"), status("Umask");
  AREA("mounts");
  int lines = 0, here = 0;
  f = fopen("/proc/self/mountinfo", "r");
  while (fgets(b, sizeof b, f)) lines++;
  V(lines > 0);
  f = fopen("/proc/self/mounts", "r");
  while (fgets(b, sizeof b, f)) here += strstr(b, " / ") != NULL;
  V(here > 0);
  AREA("writing");
  int w = open("/proc/self/comm", O_WRONLY);
  V(write(w, "newname", 7)), close(w), cat("/proc/self/comm");
  w = open("/proc/self/oom_score_adj", O_WRONLY);
  V(write(w, "500", 3)), cat("/proc/self/oom_score_adj");
  return 0;
}
