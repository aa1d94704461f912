// execve, execveat: binaries, scripts, interpreters, limits, what survives.
#include "t.h"
#include <dirent.h>
#include <sys/personality.h>

static char *env0[] = {"A=1", "PATH=/usr/bin:/bin", NULL};
static char self[4200];

// Runs in a child; a failure is printed by the child.
#define EX(...) do { SAY("%s\n", #__VA_ARGS__); pid_t c_ = fork(); \
    if (c_ == 0) { show("  exec", Q(__VA_ARGS__), 0); _exit(99); } \
    int s_; waitpid(c_, &s_, 0); how("  ended", s_); } while (0)

static char *argv_[] = {"zero", "one", "two three", "", NULL};

static void fill(const char *path, const char *text) { put(path, text, 0755); }

// As an exec'ed program: what it was given.
static void report(int argc, char **argv, char **env) {
  SAY("    argc %d:", argc);
  for (int i = 1; i < argc; i++) SAY(" <%s>", argv[i]);
  SAY("\n    env:");
  for (; *env; env++) if (strncmp(*env, "LD_", 3)) SAY(" %s", *env);
  char link[4200], comm[20] = "", cmd[4200];
  ssize_t n = readlink("/proc/self/exe", link, sizeof link - 1);
  link[n < 0 ? 0 : n] = 0;
  char *base = strrchr(link, '/');
  int fd = open("/proc/self/comm", O_RDONLY);
  read(fd, comm, 19), close(fd);
  comm[strcspn(comm, "\n")] = 0;
  fd = open("/proc/self/cmdline", O_RDONLY);
  n = read(fd, cmd, sizeof cmd), close(fd);
  SAY("\n    exe %s comm %s cmdline starts with <%.20s>\n", base ? base + 1 : "?", comm, n > 0 ? (strrchr(cmd, '/') ? strrchr(cmd, '/') + 1 : cmd) : "");
  sigset_t m;
  sigprocmask(0, NULL, &m);
  struct sigaction u1, u2;
  sigaction(SIGUSR1, NULL, &u1), sigaction(SIGUSR2, NULL, &u2);
  SAY("    HUP blocked %d, USR1 ignored %d, USR2 default %d, fds:", sigismember(&m, SIGHUP), u1.sa_handler == SIG_IGN, u2.sa_handler == SIG_DFL);
  for (int i = 3; i < 30; i++) if (fcntl(i, F_GETFD) >= 0) SAY(" %d", i);
  SAY("\n");
  _exit(42);
}

static void handler(int s) {}

int main(int argc, char **argv, char **env) {
  if (argc != 2 || argv[1][0] != '/') report(argc, argv, env);
  begin(argc, argv);
  snprintf(self, sizeof self, "%s", argv[0]);
  char b[9000];
  // A copy of this program in the directory, so that the binary itself is seen through the view.
  int in = open(self, O_RDONLY), out = open("prog", O_CREAT | O_WRONLY, 0755);
  for (ssize_t n; (n = read(in, b, sizeof b)) > 0;) write(out, b, n);
  close(in), close(out);
  fill("s1", "#!prog\n"), fill("s2", "#! ./prog  one arg \t\n"), fill("s3", "#!s1\n"), fill("s4", "#!/nowhere/x\n"), fill("s5", "#!\n"), fill("s6", "#! \n");
  fill("text", "echo hello\n"), fill("empty", ""), fill("elfish", "\177ELFgarbage"), put("nox", "#!prog\n", 0644), put("unreadable", "#!/bin/true\n", 0111);
  fill("slashes", "#!.//d/..///prog x\n"), fill("crlf", "#!prog\r\n"), fill("noline", "#!prog"), fill("tsh", "#!/bin/sh\necho \"$0\" \"$@\"\nexit 5\n");
  snprintf(b, sizeof b, "#!%.300s\n", long_path(300, 100)), fill("longline", b);
  snprintf(b, sizeof b, "#!prog %.300s\n", long_path(300, 1000)), fill("longarg", b);
  fill("n0", "#!prog\n");
  for (int i = 1; i <= 6; i++) { char n[8], t[16]; sprintf(n, "n%d", i), sprintf(t, "#!n%d\n", i - 1), fill(n, t); }
  mkdir("d", 0755), symlink("prog", "lp"), symlink("s1", "ls"), symlink("none", "dang"), symlink("loop", "loop"), fill("d/s", "#!../prog\n"), fill("selfref", "#!selfref\n");
  fill("dirint", "#!d\n"), fill("noxint", "#!nox\n");

  static const char *paths[] = {"prog", "./prog", "lp", "s1", "s2", "s3", "ls", "s4", "s5", "s6", "text", "empty", "elfish", "nox", "unreadable", "slashes", "crlf",
    "noline", "tsh", "longline", "longarg", "n3", "n4", "n5", "n6", "d", "d/", "prog/", "prog/x", "none", "dang", "loop", "", "selfref", "dirint", "noxint", "d/s", "d/../s1", "/bin/true", "/proc/self/exe", "p"};
  mkfifo("p", 0755);
  for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
    SAY("[%s] ", paths[i]);
    EX(SYS_execve, paths[i], argv_, env0);
  }

  AREA("pointers");
  EX(SYS_execve, NULL, argv_, env0);
  EX(SYS_execve, WILD, argv_, env0);
  EX(SYS_execve, "prog", NULL, env0);
  EX(SYS_execve, "prog", WILD, env0);
  EX(SYS_execve, "prog", argv_, NULL);
  EX(SYS_execve, "prog", argv_, WILD);
  char *bad[] = {"x", WILD, NULL};
  EX(SYS_execve, "prog", bad, env0);
  EX(SYS_execve, "s1", bad, env0);
  EX(SYS_execve, "prog", argv_, bad);
  char **edge = (char **)wall() - 2;
  edge[0] = "a", edge[1] = "b";
  EX(SYS_execve, "prog", edge, env0);
  edge[1] = NULL;
  EX(SYS_execve, "prog", edge, env0);
  EX(SYS_execve, at_edge("prog"), argv_, env0);
  EX(SYS_execve, unended(5000), argv_, env0);
  EX(SYS_execve, dotted(4095, "prog"), argv_, env0);

  AREA("E2BIG");
  char *huge = malloc(200000), **many = calloc(500001, sizeof *many);
  memset(huge, 'h', 199999), huge[199999] = 0;
  char *one[] = {"x", huge, NULL};
  EX(SYS_execve, "/bin/true", one, env0);
  EX(SYS_execve, "/bin/true", argv_, one);
  huge[131071] = 0;
  EX(SYS_execve, "/bin/true", one, env0);
  for (int i = 0; i < 500000; i++) many[i] = "argument";
  EX(SYS_execve, "/bin/true", many, env0);
  many[20000] = NULL;
  EX(SYS_execve, "/bin/true", many, env0);
  EX(SYS_execve, "tsh", (char *[]){NULL}, env0);

  AREA("execveat");
  int d = open("d", O_RDONLY), p = open("prog", O_RDONLY), po = open("prog", O_PATH | O_CLOEXEC), s = open("s1", O_RDONLY), sc = open("s1", O_RDONLY | O_CLOEXEC), l = open("lp", O_PATH | O_NOFOLLOW);
  EX(SYS_execveat, d, "../prog", argv_, env0, 0);
  EX(SYS_execveat, d, "s", argv_, env0, 0);
  EX(SYS_execveat, p, "", argv_, env0, AT_EMPTY_PATH);
  EX(SYS_execveat, po, "", argv_, env0, AT_EMPTY_PATH);
  EX(SYS_execveat, sc, "", argv_, env0, AT_EMPTY_PATH);
  EX(SYS_execveat, l, "", argv_, env0, AT_EMPTY_PATH);
  EX(SYS_execveat, p, "", argv_, env0, 0);
  EX(SYS_execveat, p, "x", argv_, env0, 0);
  EX(SYS_execveat, d, "", argv_, env0, AT_EMPTY_PATH);
  EX(SYS_execveat, 77, "prog", argv_, env0, 0);
  EX(SYS_execveat, AT_FDCWD, "lp", argv_, env0, AT_SYMLINK_NOFOLLOW);
  EX(SYS_execveat, AT_FDCWD, "lp", argv_, env0, 0);
  EX(SYS_execveat, AT_FDCWD, "prog", argv_, env0, 0x40000000);
  EX(SYS_execveat, AT_FDCWD, NULL, argv_, env0, AT_EMPTY_PATH);
  Q(SYS_close_range, 3, ~0u, 0);

  AREA("what survives");
  signal(SIGUSR1, SIG_IGN), signal(SIGUSR2, handler);
  sigset_t m;
  sigemptyset(&m), sigaddset(&m, SIGHUP), sigprocmask(SIG_BLOCK, &m, NULL);
  int keep = open("s1", O_RDONLY), drop = open("s1", O_RDONLY | O_CLOEXEC);
  EX(SYS_execve, "prog", argv_, env0);
  EX(SYS_execve, "s2", argv_, env0);
  AREA("a file being written");
  int w = open("prog", O_WRONLY);
  EX(SYS_execve, "prog", argv_, env0);
  EX(SYS_execve, "s1", argv_, env0);
  close(w);
  EX(SYS_execve, "prog", argv_, env0);
  return 0;
}
