// AF_UNIX: path, abstract and autobind names, their lengths, and what the kernel says about them afterwards.
#include "t.h"

static struct sockaddr_un a;
static socklen_t at(const char *path, int with_nul) {
  memset(&a, 0, sizeof a);
  a.sun_family = AF_UNIX;
  size_t n = strlen(path);
  memcpy(a.sun_path, path, n > 108 ? 108 : n);
  return offsetof(struct sockaddr_un, sun_path) + n + with_nul;
}
static socklen_t abstract(const char *name, size_t n) {
  memset(&a, 0, sizeof a);
  a.sun_family = AF_UNIX;
  memcpy(a.sun_path + 1, name, n);
  return offsetof(struct sockaddr_un, sun_path) + 1 + n;
}
static int sock(int type) { return socket(AF_UNIX, type, 0); }

static void named(const char *what, int fd, int peer) {
  struct sockaddr_un b;
  socklen_t len = sizeof b;
  memset(&b, 'Z', sizeof b);
  long r = Q(peer ? SYS_getpeername : SYS_getsockname, fd, &b, &len);
  if (r < 0) { SAY("  %s: %s\n", what, errname(r)); return; }
  SAY("  %s: len %u family %d '%.*s'\n", what, len, b.sun_family, len > 2 ? (int)strnlen(b.sun_path, len - 2) : 0, b.sun_path);
}

static void talk(const char *what, int server, socklen_t len) {
  int c = sock(SOCK_STREAM);
  struct sockaddr_un from;
  SAY("%s: connect %s\n", what, ({ long r = Q(SYS_connect, c, &a, len); r < 0 ? errname(r) : "ok"; }));
  socklen_t flen = sizeof from;
  fcntl(server, F_SETFL, O_NONBLOCK);
  long s = Q(SYS_accept4, server, &from, &flen, SOCK_CLOEXEC);
  if (s < 0) { SAY("  accept: %s\n", errname(s)); close(c); return; }
  SAY("  accepted, address length %u\n", flen);
  named("peer of client", c, 1), named("name of accepted", (int)s, 0), named("peer of accepted", (int)s, 1);
  char b[10] = "";
  send(c, "hello", 5, 0), recv((int)s, b, 5, 0);
  SAY("  %s\n", b);
  close((int)s), close(c);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  socklen_t len;
  mkdir("d", 0755), put("f", "", 0644), symlink("d", "ld"), symlink("sock", "to-sock"), symlink("none", "dang"), mkdir("shut", 0500);
  AREA("bind");
  int s = sock(SOCK_STREAM);
  len = at("sock", 0);
  T(SYS_bind, s, &a, len);
  named("name", s, 0);
  T(SYS_bind, s, &a, len);
  T(SYS_bind, sock(SOCK_STREAM), &a, len);
  T(SYS_listen, s, 5);
  talk("sock", s, len);
  struct stat st;
  V(lstat("sock", &st)), SAY("mode %o\n", st.st_mode);
  talk("with nul", s, at("sock", 1));
  talk("dotted", s, at("./d/../sock", 1));
  talk("through a link", s, at("to-sock", 1));
  talk("through a link to a directory", s, at("ld/../sock", 0));
  talk("none", s, at("none", 1));
  talk("dangling", s, at("dang", 1));
  talk("a file", s, at("f", 1));
  talk("below a file", s, at("f/x", 1));
  talk("a directory", s, at("d", 1));
  talk("empty", s, at("", 0));
  talk("empty with nul", s, at("", 1));
  T(SYS_rename, "sock", "d/moved");
  named("name after rename", s, 0);
  talk("moved", s, at("d/moved", 1));
  T(SYS_chmod, "d/moved", 0);
  talk("mode 0", s, at("d/moved", 1));
  T(SYS_unlink, "d/moved");
  talk("unlinked", s, at("d/moved", 1));
  int u = sock(SOCK_STREAM);
  T(SYS_bind, u, &a, at("dang", 1));
  T(SYS_bind, u, &a, at("to-sock", 1));
  T(SYS_bind, u, &a, at("none/x", 1));
  T(SYS_bind, u, &a, at("f/x", 1));
  T(SYS_bind, u, &a, at("d/", 1));
  T(SYS_bind, u, &a, at("new/", 1));
  T(SYS_bind, u, &a, at("shut/x", 1));
  T(SYS_bind, u, &a, at("ld/via", 1));
  named("name", u, 0);
  V(access("d/via", F_OK));

  AREA("lengths");
  for (int n = 105; n <= 108; n++) {
    char p[128] = "./";
    memset(p + 2, 'n', n - 2), p[n] = 0;
    u = sock(SOCK_STREAM);
    SAY("%d characters: ", n);
    show("bind", Q(SYS_bind, u, &a, at(p, 0)), 0);
    named("name", u, 0);
    listen(u, 1);
    talk("connect", u, at(p, 0));
    SAY("%d on disk: %d\n", n, access(p, F_OK));
    close(u);
  }
  u = sock(SOCK_STREAM);
  at("x", 1);
  T(SYS_bind, u, &a, 109);
  T(SYS_bind, u, &a, 111);
  T(SYS_bind, u, &a, 0);
  T(SYS_bind, u, &a, 1);
  T(SYS_bind, u, &a, -1);
  T(SYS_bind, u, NULL, 10);
  T(SYS_bind, u, WILD, 10);
  T(SYS_bind, u, wall() - 4, 10);
  T(SYS_bind, 77, &a, 4);
  T(SYS_bind, open("f", O_RDONLY), &a, 4);
  a.sun_family = AF_INET;
  T(SYS_bind, u, &a, 10);
  a.sun_family = 999;
  T(SYS_connect, u, &a, 10);
  T(SYS_connect, u, NULL, 10);
  T(SYS_connect, u, WILD, 10);
  T(SYS_connect, u, &a, 0);
  T(SYS_connect, 77, &a, 10);

  AREA("abstract and autobind");
  char name[40];
  // The name must be unique on the machine, and as long in every run.
  int n = sprintf(name, "vuos%010d", getpid());
  u = sock(SOCK_STREAM);
  len = abstract(name, n);
  T(SYS_bind, u, &a, len);
  socklen_t got = sizeof a;
  getsockname(u, (void *)&a, &got);
  V(got == len), V(a.sun_path[0]);
  listen(u, 2);
  fcntl(u, F_SETFL, O_NONBLOCK);
  int c = sock(SOCK_STREAM);
  len = abstract(name, n);
  T(SYS_connect, c, &a, len);
  len = abstract(name, n - 1);
  T(SYS_connect, sock(SOCK_STREAM), &a, len);
  abstract(name, n);
  T(SYS_bind, sock(SOCK_STREAM), &a, len + 1);
  u = sock(SOCK_DGRAM);
  T(SYS_bind, u, &a, 2);
  got = sizeof a;
  T(SYS_getsockname, u, &a, &got);
  V(got), V(a.sun_path[0]);
  memset(&a, 0, sizeof a), a.sun_family = AF_UNIX;
  T(SYS_bind, sock(SOCK_DGRAM), &a, 3);
  memcpy(a.sun_path + 1, "/not/a/path", 11), a.sun_path[12] = 0;
  T(SYS_connect, sock(SOCK_STREAM), &a, sizeof a);

  AREA("datagrams");
  int d1 = sock(SOCK_DGRAM), d2 = sock(SOCK_DGRAM);
  T(SYS_bind, d1, &a, at("dgram", 1));
  T(SYS_bind, d2, &a, at("d/dgram2", 1));
  T(SYS_sendto, d2, "one", 3, 0, &a, at("dgram", 1));
  T(SYS_sendto, d2, "two", 3, 0, &a, at("ld/../dgram", 1));
  T(SYS_sendto, d2, "three", 5, 0, &a, at("none", 1));
  T(SYS_sendto, d2, "three", 5, 0, WILD, 20);
  T(SYS_sendto, d2, "three", 5, 0, NULL, 0);
  struct iovec v = {"four", 4};
  len = at("ld/../dgram", 1);
  struct msghdr m = {&a, len, &v, 1};
  T(SYS_sendmsg, d2, &m, 0);
  struct mmsghdr mm[2] = {{m}, {m}};
  T(SYS_sendmmsg, d2, mm, 2, 0);
  m.msg_name = WILD;
  T(SYS_sendmsg, d2, &m, 0);
  for (int i = 0; i < 6; i++) {
    char b[20] = "";
    struct sockaddr_un f;
    socklen_t fl = sizeof f;
    memset(&f, 0, sizeof f);
    long r = Q(SYS_recvfrom, d1, b, sizeof b, MSG_DONTWAIT, &f, &fl);
    SAY("received %s '%s' from %.20s length %u\n", r < 0 ? errname(r) : "ok", b, r < 0 ? "" : f.sun_path, r < 0 ? 0 : fl);
  }
  T(SYS_connect, d2, &a, at("dgram", 1));
  named("peer", d2, 1);
  T(SYS_write, d2, "six", 3);

  AREA("names read into bad memory");
  got = sizeof a;
  T(SYS_getsockname, d1, WILD, &got);
  T(SYS_getsockname, d1, &a, NULL);
  T(SYS_getsockname, d1, &a, WILD);
  got = 0;
  T(SYS_getsockname, d1, &a, &got);
  V(got);
  got = 4, memset(&a, '#', sizeof a);
  T(SYS_getsockname, d1, &a, &got);
  SAY("%u %.4s\n", got, a.sun_path);
  got = -1;
  T(SYS_getsockname, d1, &a, &got);
  T(SYS_getpeername, d1, &a, &got);
  int pair[2];
  T(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET, 0, pair);
  named("pair", pair[0], 0), named("pair", pair[0], 1);
  return 0;
}
