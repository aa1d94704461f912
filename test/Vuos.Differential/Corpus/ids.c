// User and group ids, capabilities, keys, set-user-id programs.
#include "t.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

static void ids(const char *what) {
  uid_t r, e, s;
  gid_t gr, ge, gs, g[20];
  getresuid(&r, &e, &s), getresgid(&gr, &ge, &gs);
  int n = getgroups(20, g);
  SAY("  %s: uid %d %d %d fs %d gid %d %d %d fs %d groups %d", what, r, e, s, (int)Q(SYS_setfsuid, -1), gr, ge, gs, (int)Q(SYS_setfsgid, -1), n);
  for (int i = 0; i < n; i++) SAY(" %d", g[i]);
  SAY("\n");
}
#define IN(x) do { SAY("%s\n", #x); if (fork() == 0) { x; ids("then"); _exit(0); } wait(NULL); } while (0)

int main(int argc, char **argv) {
  begin(argc, argv);
  ids("at the start");
  IN(T(SYS_setuid, 1000));
  IN(T(SYS_setuid, geteuid()));
  IN(T(SYS_setuid, -1));
  IN(T(SYS_setgid, 1000));
  IN(T(SYS_setreuid, 1000, -1));
  IN(T(SYS_setreuid, -1, 1000));
  IN(T(SYS_setresuid, 1, 2, 3));
  IN(T(SYS_setresuid, -1, 65534, -1));
  IN(T(SYS_setregid, 1, 2));
  IN(T(SYS_setresgid, 1, 2, 3));
  IN(T(SYS_setfsuid, 5));
  IN(T(SYS_setfsgid, 5));
  IN(T(SYS_setresuid, 1000, 1000, 0); T(SYS_setuid, 0));
  IN(T(SYS_setuid, 1000); T(SYS_setuid, 0));
  gid_t two[2] = {5, 6};
  IN(T(SYS_setgroups, 2, two));
  T(SYS_setgroups, 2, WILD);
  T(SYS_setgroups, -1, two);
  T(SYS_getgroups, 1, WILD);
  T(SYS_getgroups, -1, two);
  T(SYS_getresuid, WILD, WILD, WILD);
  T(SYS_getresgid, WILD, WILD, WILD);
  AREA("capabilities");
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct c[2];
  T(SYS_capget, &h, c);
  SAY("%x %x %x\n", c[0].effective, c[0].permitted, c[0].inheritable);
  T(SYS_capget, WILD, c);
  h.version = 1;
  T(SYS_capget, &h, c);
  h.version = _LINUX_CAPABILITY_VERSION_3, c[0].permitted = -1, c[1].permitted = -1;
  T(SYS_capset, &h, WILD);
  h.pid = 1;
  T(SYS_capset, &h, c);
  V(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN)), V(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_ADMIN, 0, 0)), V(prctl(PR_GET_KEEPCAPS)), V(prctl(PR_GET_SECUREBITS));
  AREA("set-user-id programs");
  char b[8192];
  int in = open("/usr/bin/id", O_RDONLY), out = open("id", O_CREAT | O_WRONLY, 0755);
  for (ssize_t n; (n = read(in, b, sizeof b)) > 0;) write(out, b, n);
  close(in), close(out);
  if (geteuid() == 0) {
    chown("id", 1234, 1235), chmod("id", 06755);
    pid_t p = fork();
    if (p == 0) { execl("./id", "id", (char *)0); _exit(1); }
    waitpid(p, NULL, 0);
    p = fork();
    if (p == 0) { setgroups(0, NULL), setgid(77), setuid(77), execl("./id", "id", (char *)0); _exit(1); }
    waitpid(p, NULL, 0);
    p = fork();
    if (p == 0) { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), setgroups(0, NULL), setgid(77), setuid(77), execl("./id", "id", (char *)0); _exit(1); }
    waitpid(p, NULL, 0);
  }
  AREA("keys");
  T(SYS_add_key, "user", NULL, NULL, 0, 0);
  T(SYS_request_key, "user", "vuos-none", NULL, 0);
  T(SYS_keyctl, 9999);
  return 0;
}
