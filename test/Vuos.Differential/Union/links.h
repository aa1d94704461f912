// Files by way of a descriptor's name: /proc/self/fd/N, AT_EMPTY_PATH, O_PATH. What is done so must be done to the file in the union, never
// to the one below it.
#pragma once
#include "slots.h"

static const char *proc_name(int fd) {
  static char text[64];
  snprintf(text, sizeof text, "/proc/self/fd/%d", fd);
  return text;
}

static void reopened(const char *name) {
  static const int ways[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_TRUNC, O_WRONLY | O_APPEND};
  int way = PICK(ways);
  say(" reopened %s", flags_text(way));
  int fd = open(name, way | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    failed(errno);
    return;
  }
  write_some(fd, way);
  show_file(fd, way);
  say("\n");
  close(fd);
}

// The operations that both kinds of descriptor have. "regular": 0 no, 2 one opened for reading.
// "empty": the descriptor itself with AT_EMPTY_PATH, else its name in /proc.
static void through(int fd, int regular) {
  static const struct timespec times[2] = {{1200000002, 0}, {1300000002, 9}};
  const char *name = proc_name(fd);
  int empty = percent(40), at = empty ? fd : AT_FDCWD, flag = empty ? AT_EMPTY_PATH : 0;
  mode_t mode = some_mode(!regular);
  unsigned size = below(20000);
  char *to = deep_path();
  if (!empty) say(" proc");
  switch (below(8)) {
    case 0: say(" chmod %04o", mode); result(empty ? syscall(452, fd, "", mode, AT_EMPTY_PATH) : chmod(name, mode)); break;
    case 1: say(" chown"), result(fchownat(at, empty ? "" : name, may.owners ? 1000 : -1, -1, flag)); break;
    case 2: say(" times"), result(utimensat(at, empty ? "" : name, times, flag)); break;
    case 3:
      say(" truncate %u", size);
      if (regular) result(truncate(name, size));
      else say(" no file\n");
      break;
    case 4:
      say(" xattr");
      if (!may.xattrs || !regular) say(" none\n");
      else result(percent(70) ? setxattr(name, "user.proc", "proc", 4, 0) : removexattr(name, "user.proc"));
      break;
    case 5: say(" link %s", to), result(linkat(at, empty ? "" : name, AT_FDCWD, to, empty ? AT_EMPTY_PATH : AT_SYMLINK_FOLLOW)); break;
    case 6: {
      struct stat st;
      say(" stat");
      // Of a reader this may be the file as it was below; recorded owners are not shown by the name of a descriptor.
      if (regular == 2 || may.virtual_) say(" no\n");
      else if (fstatat(at, empty ? "" : name, &st, flag) < 0) failed(errno);
      else show_stat(&st), say("\n");
      break;
    }
    default:
      if (regular) reopened(name);
      else say(" not reopened\n");
  }
}

static void act_path_only(void) {
  char *path = some_path();
  int nofollow = percent(30) ? O_NOFOLLOW : 0;
  struct stat st;
  say("open(%s,PATH%s)", path, nofollow ? "|NOFOLLOW" : "");
  int fd = open(path, O_PATH | O_CLOEXEC | nofollow);
  if (fd < 0) {
    failed(errno);
    return;
  }
  if (fstat(fd, &st) < 0) failed(errno);
  else if (S_ISLNK(st.st_mode)) show_stat(&st), say("\n");
  else show_stat(&st), through(fd, S_ISREG(st.st_mode));
  close(fd);
}

// A reader whose name is gone may still be of the file below, which nothing can change: the specs say what then happens.
static void act_through_slot(void) {
  struct slot *s = &slots[below(SLOTS)];
  struct stat st;
  say("through fd of %s", s->fd ? s->name : "nothing");
  if (!s->fd || fstat(s->fd, &st) < 0 || !S_ISREG(st.st_mode) || ((s->way & O_ACCMODE) == O_RDONLY && s->moved)) {
    say(" no\n");
    return;
  }
  through(s->fd, (s->way & O_ACCMODE) == O_RDONLY ? 2 : 1);
}
