// Sockets that are not AF_UNIX, on loopback, and descriptors sent over sockets.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

int main(int argc, char **argv) {
  begin(argc, argv);
  put("f", "passed", 0644);
  char b[200];
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof a;
  AREA("arguments");
  T(SYS_socket, AF_UNIX, 99, 0);
  T(SYS_socket, 999, SOCK_STREAM, 0);
  T(SYS_socket, AF_INET, SOCK_STREAM, 999);
  T(SYS_socket, AF_INET, SOCK_RAW, 1);
  T(SYS_socketpair, AF_INET, SOCK_STREAM, 0, b);
  T(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, WILD);
  T(SYS_bind, 0, &a, sizeof a);
  T(SYS_listen, 0, 1);
  T(SYS_accept, 0, NULL, NULL);
  T(SYS_accept4, 77, NULL, NULL, 0);
  T(SYS_shutdown, 0, 2);
  Q(SYS_close_range, 3, ~0u, 0);
  AREA("tcp");
  int s = (int)T(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  T(SYS_setsockopt, s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
  T(SYS_setsockopt, s, SOL_SOCKET, SO_REUSEADDR, WILD, 4);
  T(SYS_setsockopt, s, SOL_SOCKET, 9999, &one, 4);
  T(SYS_bind, s, &a, 3);
  T(SYS_bind, s, WILD, sizeof a);
  T(SYS_bind, s, &a, sizeof a);
  T(SYS_listen, s, 4);
  T(SYS_getsockname, s, &a, &len);
  V(len), V(a.sin_port != 0);
  int c = (int)T(SYS_socket, AF_INET, SOCK_STREAM, 0);
  T(SYS_connect, c, &a, sizeof a);
  T(SYS_connect, c, &a, sizeof a);
  int x = (int)T(SYS_accept4, s, NULL, NULL, SOCK_NONBLOCK);
  T(SYS_sendto, c, "hello", 5, MSG_NOSIGNAL, NULL, 0);
  struct pollfd pf = {x, POLLIN};
  poll(&pf, 1, 60000);
  T(SYS_recvfrom, x, b, 100, 0, NULL, NULL);
  T(SYS_recvfrom, x, b, 100, 0, NULL, NULL);
  T(SYS_sendto, c, WILD, 5, 0, NULL, 0);
  T(SYS_shutdown, c, SHUT_WR);
  poll(&pf, 1, 60000);
  T(SYS_read, x, b, 10);
  len = 4;
  T(SYS_getsockopt, s, SOL_SOCKET, SO_TYPE, b, &len);
  T(SYS_getsockopt, s, SOL_SOCKET, SO_TYPE, WILD, &len);
  T(SYS_getsockopt, s, SOL_SOCKET, SO_TYPE, b, WILD);
  struct sockaddr_in none = {AF_INET, htons(1), {htonl(INADDR_LOOPBACK)}};
  T(SYS_connect, socket(AF_INET, SOCK_STREAM, 0), &none, sizeof none);
  AREA("udp");
  int u = socket(AF_INET, SOCK_DGRAM, 0), v = socket(AF_INET, SOCK_DGRAM, 0);
  a.sin_port = 0;
  len = sizeof a;
  bind(u, (void *)&a, sizeof a), getsockname(u, (void *)&a, &len);
  T(SYS_sendto, v, "datagram", 8, 0, &a, sizeof a);
  T(SYS_recvfrom, u, b, 3, MSG_TRUNC, NULL, NULL);
  T(SYS_recvmmsg, u, WILD, 1, MSG_DONTWAIT, NULL);
  T(SYS_recvmsg, u, WILD, MSG_DONTWAIT);
  AREA("ipv6 and netlink");
  struct sockaddr_in6 six = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
  int s6 = socket(AF_INET6, SOCK_STREAM, 0);
  if (s6 >= 0) T(SYS_bind, s6, &six, sizeof six);
  TOK(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
  AREA("passing descriptors");
  int pair[2], f = open("f", O_RDONLY), d = open(".", O_PATH);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  char control[CMSG_SPACE(2 * sizeof(int))] = {0};
  struct iovec io = {"x", 1};
  struct msghdr m = {NULL, 0, &io, 1, control, sizeof control};
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(8);
  int two[2] = {f, d};
  memcpy(CMSG_DATA(h), two, 8);
  T(SYS_sendmsg, pair[0], &m, 0);
  memset(control, 0, sizeof control), io.iov_base = b;
  T(SYS_recvmsg, pair[1], &m, MSG_CMSG_CLOEXEC);
  h = CMSG_FIRSTHDR(&m);
  if (h) {
    memcpy(two, CMSG_DATA(h), 8);
    V(two[0] > 0), V(read(two[0], b, 6)), SAY("%.6s\n", b), V(faccessat(two[1], "f", F_OK, 0)), V(fcntl(two[0], F_GETFD));
  }
  struct ucred cred;
  len = sizeof cred;
  getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &cred, &len);
  V(cred.pid == getpid()), V(cred.uid == geteuid());
  return 0;
}
