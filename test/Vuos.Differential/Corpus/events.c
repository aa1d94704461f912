// epoll, poll, select, eventfd, timerfd, io_uring, aio, inotify, fanotify, file handles.
#include "t.h"
#include <linux/aio_abi.h>
#include <linux/fanotify.h>
#include <linux/io_uring.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>

static void watched(int fd) {
  char b[4096] __attribute__((aligned(8)));
  ssize_t n = read(fd, b, sizeof b);
  for (char *p = b; n > 0 && p < b + n;) {
    struct inotify_event *e = (void *)p;
    SAY("  event wd %d mask %x cookie %d name '%s'\n", e->wd, e->mask, e->cookie != 0, e->len ? e->name : "");
    p += sizeof *e + e->len;
  }
  if (n < 0) SAY("  %s\n", strerrorname_np(errno));
}

int main(int argc, char **argv) {
  begin(argc, argv);
  put("f", "x", 0644), mkdir("d", 0755), symlink("d", "ld"), symlink("none", "dang");
  int p[2];
  pipe(p);
  AREA("epoll");
  int ep = (int)T(SYS_epoll_create1, EPOLL_CLOEXEC);
  T(SYS_epoll_create, 0);
  T(SYS_epoll_create1, 5);
  struct epoll_event e = {EPOLLIN, {.u64 = 42}}, got[4];
  T(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[0], &e);
  T(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[0], &e);
  T(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, open("f", O_RDONLY), &e);
  T(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, open("f", O_PATH), &e);
  T(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, ep, &e);
  T(SYS_epoll_ctl, ep, 9, p[0], &e);
  T(SYS_epoll_ctl, ep, EPOLL_CTL_MOD, p[0], WILD);
  T(SYS_epoll_wait, ep, got, 4, 0);
  write(p[1], "x", 1);
  T(SYS_epoll_pwait, ep, got, 4, 1000, NULL, 8);
  SAY("%x %ld\n", got[0].events, (long)got[0].data.u64);
  T(SYS_epoll_wait, ep, WILD, 4, 0);
  T(SYS_epoll_wait, ep, got, 0, 0);
  struct timespec ts = {0, 1000};
  T(SYS_epoll_pwait2, ep, got, 4, &ts, NULL, 8);
  AREA("poll and select");
  struct pollfd f[3] = {{p[0], POLLIN}, {p[1], POLLOUT}, {77, POLLIN}};
  T(SYS_poll, f, 3, 0);
  V(f[0].revents), V(f[1].revents), V(f[2].revents);
  T(SYS_poll, WILD, 3, 0);
  T(SYS_ppoll, f, 2, &ts, NULL, 8);
  fd_set s;
  FD_ZERO(&s);
  FD_SET(p[0], &s);
  struct timeval tv = {0, 1000};
  T(SYS_select, 10, &s, NULL, NULL, &tv);
  T(SYS_select, -1, &s, NULL, NULL, &tv);
  T(SYS_pselect6, 10, &s, NULL, NULL, &ts, NULL);
  AREA("eventfd, timerfd");
  T(SYS_eventfd2, 5, EFD_NONBLOCK);
  T(SYS_eventfd, 5);
  T(SYS_eventfd2, 5, 3);
  T(SYS_timerfd_create, 99, 0);
  T(SYS_timerfd_create, CLOCK_REALTIME, 3);
  T(SYS_timerfd_settime, 77, 0, WILD, NULL);
  T(SYS_timerfd_gettime, p[0], WILD);
  AREA("io_uring and aio");
  struct io_uring_params up = {0};
  T(SYS_io_uring_setup, 0, &up);
  T(SYS_io_uring_setup, 1, NULL);
  T(SYS_io_uring_setup, 1, WILD);
  T(SYS_io_uring_enter, 77, 0, 0, 0, NULL, 0);
  T(SYS_io_uring_register, 77, 0, NULL, 0);
  aio_context_t ctx = 0;
  T(SYS_io_setup, 0, &ctx);
  T(SYS_io_setup, 4, WILD);
  T(SYS_io_setup, 4, &ctx);
  struct io_event ev;
  T(SYS_io_getevents, ctx, 0, 1, &ev, NULL);
  T(SYS_io_submit, ctx, 1, WILD);
  T(SYS_io_cancel, ctx, WILD, &ev);
  T(SYS_io_destroy, ctx);
  T(SYS_io_destroy, ctx);

  AREA("inotify");
  close(T(SYS_inotify_init));
  T(SYS_signalfd, -1, WILD, 8);
  T(SYS_io_pgetevents, 0, 0, 1, WILD, NULL, NULL);
  int in = (int)T(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
  T(SYS_inotify_init1, 3);
  T(SYS_inotify_add_watch, in, "d", IN_ALL_EVENTS);
  T(SYS_inotify_add_watch, in, "ld", IN_CREATE | IN_MASK_ADD);
  T(SYS_inotify_add_watch, in, "ld", IN_CREATE | IN_MASK_CREATE);
  T(SYS_inotify_add_watch, in, "f", IN_ALL_EVENTS);
  T(SYS_inotify_add_watch, in, "f", IN_ONLYDIR | IN_OPEN);
  T(SYS_inotify_add_watch, in, "dang", IN_ALL_EVENTS);
  T(SYS_inotify_add_watch, in, "dang", IN_ALL_EVENTS | IN_DONT_FOLLOW);
  T(SYS_inotify_add_watch, in, "f", 0);
  T(SYS_inotify_add_watch, in, WILD, IN_OPEN);
  T(SYS_inotify_add_watch, p[0], "f", IN_OPEN);
  T(SYS_inotify_add_watch, 77, "f", IN_OPEN);
  put("d/new", "x", 0644), cat("d/new"), rename("d/new", "d/newer"), chmod("d/newer", 0600), watched(in);
  unlink("d/newer"), mkdir("d/sub", 0755), rmdir("d/sub"), symlink("x", "d/l"), link("f", "d/hard"), watched(in);
  cat("f"), truncate("f", 0), watched(in);
  rename("d", "d2"), rename("d2", "d"), watched(in);
  unlink("dang"), watched(in);
  T(SYS_inotify_rm_watch, in, 1);
  T(SYS_inotify_rm_watch, in, 99);
  watched(in);

  AREA("fanotify");
  int fa = (int)TOK(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
  T(SYS_fanotify_init, 0x80000000u, 0);
  T(SYS_fanotify_mark, 77, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d");
  if (fa >= 0) {
    int d = open("d", O_RDONLY);
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "ld");
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD | FAN_MARK_DONT_FOLLOW, FAN_OPEN, AT_FDCWD, "ld");
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "f");
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD, FAN_OPEN, d, NULL);
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD, FAN_OPEN, d, "none");
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD, FAN_OPEN, 77, "x");
    T(SYS_fanotify_mark, fa, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, WILD);
    T(SYS_fanotify_mark, fa, 0, FAN_OPEN, AT_FDCWD, "d");
    put("d/seen", "x", 0644), cat("d/hard");
    struct fanotify_event_metadata m[16];
    ssize_t n = read(fa, m, sizeof m);
    for (struct fanotify_event_metadata *q = m; FAN_EVENT_OK(q, n); q = FAN_EVENT_NEXT(q, n)) {
      char link[40], to[4200];
      sprintf(link, "/proc/self/fd/%d", q->fd);
      ssize_t l = readlink(link, to, sizeof to - 1);
      to[l < 0 ? 0 : l] = 0;
      SAY("  mask %llx pid ok %d name %s\n", (long long)q->mask, q->pid == getpid(), strrchr(to, '/') ? strrchr(to, '/') + 1 : to);
      close(q->fd);
    }
  }
  AREA("file handles");
  struct { struct file_handle h; char b[128]; } h = {{128}}, h2 = {{128}};
  int m1, m2;
  V(Q(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &m1, 0)), V(Q(SYS_name_to_handle_at, AT_FDCWD, "d/hard", &h2, &m2, 0));
  V(h.h.handle_bytes == h2.h.handle_bytes && !memcmp(h.b, h2.b, h.h.handle_bytes)), V(m1 == m2);
  h2.h.handle_bytes = 0;
  T(SYS_name_to_handle_at, AT_FDCWD, "f", &h2, &m2, 0);
  V(h2.h.handle_bytes == h.h.handle_bytes);
  h2.h.handle_bytes = 1000;
  T(SYS_name_to_handle_at, AT_FDCWD, "f", &h2, &m2, 0);
  T(SYS_name_to_handle_at, AT_FDCWD, "f", WILD, &m2, 0);
  T(SYS_name_to_handle_at, AT_FDCWD, "f", &h, WILD, 0);
  T(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &m1, 0x40000000);
  T(SYS_name_to_handle_at, 77, "f", &h, &m1, 0);
  int here = open(".", O_RDONLY);
  TOK(SYS_open_by_handle_at, here, &h, O_RDONLY);
  T(SYS_open_by_handle_at, 77, &h, O_RDONLY);
  T(SYS_open_by_handle_at, here, WILD, O_RDONLY);
  return 0;
}
