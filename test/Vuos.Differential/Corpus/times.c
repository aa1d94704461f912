// utime, utimes, futimesat, utimensat and its special values; clocks and sleeping.
#include "t.h"
#include <sys/timex.h>
#include <utime.h>

static void stamp(const char *p) {
  struct stat s;
  if (lstat(p, &s) != 0) { SAY("  %s: %s\n", p, strerrorname_np(errno)); return; }
  time_t now = time(NULL);
  long a = s.st_atim.tv_sec, m = s.st_mtim.tv_sec;
  SAY("  %s: atime %ld.%09ld mtime %ld.%09ld\n", p, labs(now - a) < 100 ? 0 : a, labs(now - a) < 100 ? 0 : s.st_atim.tv_nsec, labs(now - m) < 100 ? 0 : m,
      labs(now - m) < 100 ? 0 : s.st_mtim.tv_nsec);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  put("f", "x", 0644), put("ro", "x", 0444), symlink("f", "l"), symlink("none", "dang"), mkdir("d", 0755);
  struct utimbuf ub = {1000, 2000};
  struct timeval tv[2] = {{3000, 4}, {5000, 999999}}, badtv[2] = {{1, 1000000}, {1, -1}};
  AREA("old calls");
  T(SYS_utime, "f", &ub), stamp("f");
  T(SYS_utime, "f", NULL), stamp("f");
  T(SYS_utime, "f", WILD);
  T(SYS_utime, "none", &ub);
  T(SYS_utime, "dang", &ub);
  T(SYS_utimes, "l", tv), stamp("f");
  T(SYS_utimes, "f", badtv);
  T(SYS_utimes, "f", WILD);
  T(SYS_futimesat, AT_FDCWD, "f", tv), stamp("f");
  T(SYS_futimesat, open("f", O_RDONLY), NULL, tv);
  T(SYS_futimesat, 77, "f", tv);
  AREA("utimensat");
  struct timespec t[2] = {{7000, 1}, {8000, 999999999}};
  T(SYS_utimensat, AT_FDCWD, "f", t, 0), stamp("f");
  t[0].tv_nsec = UTIME_OMIT, t[1] = (struct timespec){9000, 5};
  T(SYS_utimensat, AT_FDCWD, "f", t, 0), stamp("f");
  t[0].tv_nsec = UTIME_NOW, t[1].tv_nsec = UTIME_OMIT;
  T(SYS_utimensat, AT_FDCWD, "f", t, 0), stamp("f");
  t[0].tv_nsec = t[1].tv_nsec = UTIME_OMIT;
  T(SYS_utimensat, AT_FDCWD, "f", t, 0), stamp("f");
  T(SYS_utimensat, AT_FDCWD, "none", t, 0);
  T(SYS_utimensat, 77, "none", t, 0);
  t[0] = (struct timespec){1, 1000000000};
  T(SYS_utimensat, AT_FDCWD, "f", t, 0);
  t[0] = t[1] = (struct timespec){1234, 5678};
  T(SYS_utimensat, AT_FDCWD, "l", t, AT_SYMLINK_NOFOLLOW), stamp("l"), stamp("f");
  T(SYS_utimensat, AT_FDCWD, "dang", t, AT_SYMLINK_NOFOLLOW), stamp("dang");
  T(SYS_utimensat, AT_FDCWD, "dang", t, 0);
  T(SYS_utimensat, AT_FDCWD, "d/", t, 0), stamp("d");
  T(SYS_utimensat, AT_FDCWD, NULL, t, 0);
  T(SYS_utimensat, AT_FDCWD, NULL, t, AT_EMPTY_PATH);
  T(SYS_utimensat, open("f", O_RDONLY), NULL, t, 0), stamp("f");
  T(SYS_utimensat, open("f", O_PATH), NULL, t, 0);
  T(SYS_utimensat, open("f", O_PATH), "", t, AT_EMPTY_PATH), stamp("f");
  T(SYS_utimensat, open("f", O_RDONLY), NULL, t, AT_SYMLINK_NOFOLLOW);
  T(SYS_utimensat, AT_FDCWD, "f", t, 0x40000000);
  T(SYS_utimensat, AT_FDCWD, "f", WILD, 0);
  T(SYS_utimensat, AT_FDCWD, WILD, t, 0);
  if (geteuid()) { T(SYS_utimensat, AT_FDCWD, "/etc/passwd", NULL, 0); T(SYS_utimensat, AT_FDCWD, "/etc/passwd", t, 0); }
  AREA("clocks");
  struct timespec ts;
  T(SYS_clock_gettime, CLOCK_REALTIME, &ts);
  T(SYS_clock_gettime, 99, &ts);
  T(SYS_clock_gettime, CLOCK_REALTIME, WILD);
  T(SYS_clock_getres, CLOCK_MONOTONIC, &ts);
  V(ts.tv_nsec);
  T(SYS_clock_settime, CLOCK_MONOTONIC, &ts);
  T(SYS_clock_settime, CLOCK_REALTIME, WILD);
  T(SYS_clock_adjtime, 99, WILD);
  T(SYS_adjtimex, WILD);
  T(SYS_settimeofday, WILD, NULL);
  T(SYS_gettimeofday, NULL, NULL);
  T(SYS_gettimeofday, WILD, NULL);
  TOK(SYS_time, NULL);
  T(SYS_time, WILD);
  TOK(SYS_times, NULL);
  ts = (struct timespec){0, 1000};
  T(SYS_nanosleep, &ts, NULL);
  T(SYS_nanosleep, WILD, NULL);
  ts.tv_nsec = -1;
  T(SYS_nanosleep, &ts, NULL);
  T(SYS_clock_nanosleep, 99, 0, &ts, NULL);
  ts.tv_nsec = 1000;
  T(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &ts, NULL);
  T(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
  T(SYS_timer_create, 99, NULL, WILD);
  T(SYS_timer_settime, 12345, 0, WILD, NULL);
  T(SYS_timer_gettime, 12345, WILD);
  T(SYS_timer_getoverrun, 12345);
  T(SYS_timer_delete, 12345);
  struct rusage u;
  T(SYS_getrusage, 0, &u);
  T(SYS_getrusage, 9, &u);
  T(SYS_getrusage, 0, WILD);
  struct timespec a, c;
  struct timeval v;
  clock_gettime(CLOCK_REALTIME, &a), Q(SYS_clock_gettime, CLOCK_REALTIME, &c), gettimeofday(&v, NULL);
  V(c.tv_sec - a.tv_sec <= 1), V(v.tv_sec - a.tv_sec <= 1);
  return 0;
}
