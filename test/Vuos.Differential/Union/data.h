// Ways to a file's data other than read and write, directories that change while they are read, and two processes at once.
#pragma once
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include "slots.h"

// Two maps and a second descriptor of one file that is open for writing: all must be the same file.
static void act_map(void) {
  char *path = some_path();
  struct stat st;
  say("map(%s)", path);
  if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) {
    say(" no file\n");
    return;
  }
  int reader = open(path, O_RDONLY | O_CLOEXEC), fd = open(path, O_RDWR | O_CLOEXEC), other = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || other < 0 || ftruncate(fd, 9000) < 0) {
    failed(errno);
  } else {
    char *shared = mmap(0, 9000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *own = mmap(0, 9000, PROT_READ | PROT_WRITE, MAP_PRIVATE, other, 0), seen[6] = "";
    own[1] = 'p';
    shared[0] = 's';
    if (pwrite(other, "w", 1, 8999) < 0) failed(errno);
    if (pread(other, seen, 2, 0) < 0) failed(errno);
    say(" %d %d %d %d\n", seen[0] == 's', seen[1] == 'p', shared[8999] == 'w', own[8999] == 'w');
    munmap(shared, 9000), munmap(own, 9000);
  }
  if (reader >= 0) close(reader);
  if (fd >= 0) close(fd);
  if (other >= 0) close(other);
}

static void act_fallocate(void) {
  static const int modes[] = {0, 0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE};
  char *path = some_path();
  int mode = PICK(modes);
  unsigned at = below(10000), size = 1 + below(10000);
  struct stat st;
  say("fallocate(%s,%d,%u,%u)", path, mode, at, size);
  if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) {
    say(" no file\n");
    return;
  }
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    failed(errno);
    return;
  }
  result(fallocate(fd, mode, at, size));
  close(fd);
}

static void act_sendfile(void) {
  char *from = some_path(), *to = deep_path();
  struct stat st, old;
  say("sendfile(%s,%s)", from, to);
  // Not to itself: who opened it for reading keeps what it was below.
  if (stat(from, &st) < 0 || !S_ISREG(st.st_mode) || (stat(to, &old) == 0 && (!S_ISREG(old.st_mode) || old.st_ino == st.st_ino))) {
    say(" no file\n");
    return;
  }
  int in = open(from, O_RDONLY | O_CLOEXEC), out = in < 0 ? -1 : open(to, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) failed(errno);
  else say(" = %zd\n", sendfile(out, in, 0, 1 << 20));
  if (in >= 0) close(in);
  if (out >= 0) close(out);
}

// Entries that nobody touches are listed, whatever happens to others meanwhile (tmpfs gives some twice); after a rewind all is as it is then.
static void act_list_changing(void) {
  static char block[128];
  char *path = some_path(), seen[NAMES] = "";
  const char *touched = PICK(names);
  int before[NAMES];
  struct stat st;
  say("list(%s) while %s changes", path, touched);
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    failed(errno);
    return;
  }
  for (int i = 0; i < NAMES; i++) before[i] = fstatat(fd, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0;
  ssize_t got;
  for (int round = 0; (got = syscall(SYS_getdents64, fd, block, sizeof block)) > 0; round++) {
    for (ssize_t at = 0; at < got; at += *(unsigned short *)(block + at + 16))
      for (int i = 0; i < NAMES; i++) seen[i] += !strcmp(block + at + 19, names[i]);
    if (round == 0) {
      int made = openat(fd, touched, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0644);
      say(" %s", made >= 0 ? "made" : unlinkat(fd, touched, 0) == 0 ? "removed" : "neither");
      if (made >= 0) close(made);
    }
  }
  gone("?");
  if (got < 0) say(" %s", name_of_errno(errno));
  for (int i = 0; i < NAMES; i++)
    if (strcmp(names[i], touched) && seen[i] < before[i]) say(" %s is missing", names[i]);
  say(" then");
  if (lseek(fd, 0, SEEK_SET) < 0) say(" %s", name_of_errno(errno));
  list_open(fd);
}

static int one_of_two(unsigned what, char *path, char *to) {
  int fd, r = -1;
  switch (what) {
    case 0: r = mkdir(path, 0755); break;
    case 1: r = unlink(path); break;
    case 2: r = rmdir(path); break;
    case 3: r = rename(path, to); break;
    case 4: r = link(path, to); break;
    case 5: r = symlink("a", path); break;
    case 6: r = chmod(path, 0700); break;
    case 7:
      if ((fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644)) >= 0) close(fd), r = 0;
      break;
    default:
      // Both copy the file up, if it is below: no byte of the two may be lost.
      if ((fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0644)) < 0) break;
      r = 0;
      for (int i = 0; i < 20 && r >= 0; i++) r = write(fd, "twenty bytes a line\n", 20) == 20 ? 0 : -1;
      close(fd);
  }
  return r < 0 ? errno : 0;
}

// The same by two processes at once. Who is first is left to chance; what comes of it is not.
static void act_twice(void) {
  static const char *const what_names[] = {"mkdir", "unlink", "rmdir", "rename", "link", "symlink", "chmod", "create", "append"};
  unsigned what = below(sizeof what_names / sizeof *what_names);
  char *path = deep_path(), *to = deep_path();
  struct stat st;
  int status[2] = {0, 0}, made[2], go[2];
  say("twice %s(%s,%s)", what_names[what], path, to);
  if (what == 8 && stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
    say(" no file\n");
    return;
  }
  char *was = canonical_of(path), *old = canonical_of(to);
  fflush(stdout);
  if (pipe(go) < 0) abort();
  for (int i = 0; i < 2; i++) {
    if ((made[i] = fork()) == 0) {
      char byte;
      close(go[1]);
      // Until both are there.
      if (read(go[0], &byte, 1) < 0) _exit(255);
      _exit(one_of_two(what, path, to));
    }
  }
  close(go[0]), close(go[1]);
  for (int i = 0; i < 2; i++) waitpid(made[i], &status[i], 0);
  int first = WIFEXITED(status[0]) ? WEXITSTATUS(status[0]) : 256, second = WIFEXITED(status[1]) ? WEXITSTATUS(status[1]) : 256;
  if (first > second) first ^= second, second ^= first, first ^= second;
  // The second rename may have found the way before the first closed it: then it says ENOENT, else ENOTDIR.
  say(" = %s,%s", first ? name_of_errno(first) : "0", !second ? "0" : what == 3 && !first ? "failed" : name_of_errno(second));
  if (what == 8 && stat(path, &st) == 0) say(" %lld", (long long)st.st_size);
  say("\n");
  if (!first && what >= 1 && what <= 3) removed(was), removed(old);
  free(was), free(old);
}

// Directories over directories, into themselves, and over what they are in.
static void act_rename_folder(void) {
  char *from = deep_path(), *to = deep_path(), text[160];
  unsigned what = below(5), flags = percent(25) ? RENAME_EXCHANGE : 0;
  snprintf(text, sizeof text, what == 1 ? "%s/%s" : "%s", from, PICK(names));
  if (what == 0) say("mkdir(%s)", to), say(" %s ", mkdir(to, 0755) < 0 ? name_of_errno(errno) : "0");
  if (what == 1) to = text;
  if (what == 2) to = from;
  if (what == 3) from = text, snprintf(text, sizeof text, "%s/%s", to, PICK(names));
  char *was = canonical_of(from), *old = canonical_of(to);
  say("rename(%s,%s,%u)", from, to, flags);
  if (result(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags)) == 0) gone(was), gone(old);
  free(was), free(old);
}
