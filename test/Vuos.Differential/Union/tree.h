// What the program of the union test is made of: chance that depends on the seed and the number of the operation only (so that an
// operation can be left out without changing the others), names from a small set (so that operations meet), and the dump of a tree.
#pragma once
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

// What the tree and the operations may hold. Letters on the command line.
static struct {
  int devices;   // d: character devices
  int owners;    // o: chown to others, owners are printed
  int xattrs;    // x: user.*
  int links;     // l: hard links in the lower tree
  int strict;    // s: modes that forbid even the owner something, and set-id bits
  int uncounted; // u: link counts are not printed: a renamed directory is a copy of vufs's, and of overlayfs's still the one below
  int virtual_;  // v: devices may be recorded ones: they are looked at, never opened
} may;

static void read_letters(const char *letters) {
  may.devices = strchr(letters, 'd') != 0;
  may.owners = strchr(letters, 'o') != 0;
  may.xattrs = strchr(letters, 'x') != 0;
  may.links = strchr(letters, 'l') != 0;
  may.strict = strchr(letters, 's') != 0;
  may.uncounted = strchr(letters, 'u') != 0;
  may.virtual_ = strchr(letters, 'v') != 0;
}

static uint64_t chance;

// splitmix64
static uint64_t next(void) {
  uint64_t z = (chance += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static unsigned below(unsigned n) { return (unsigned)(next() % n); }
static int percent(unsigned n) { return below(100) < n; }
#define PICK(array) ((array)[below(sizeof(array) / sizeof *(array))])

static void seed_for(uint64_t seed, uint64_t number) {
  chance = seed * 0x9e3779b97f4a7c15u ^ (number + 1) * 0xd1342543de82ef95u;
  next();
}

static const char *const names[] = {"a", "b", "c", "d", "e"};
enum { NAMES = sizeof names / sizeof *names };

static const char *name_of_errno(int e) {
  const char *name = strerrorname_np(e);
  return name ? name : "E?";
}

static void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vprintf(format, list);
  va_end(list);
}

static void failed(int e) { say(" = %s\n", name_of_errno(e)); }

// FNV-1a
static uint64_t hash_more(uint64_t hash, const void *data, size_t size) {
  const unsigned char *p = data;
  while (size--) hash = (hash ^ *p++) * 0x100000001b3u;
  return hash;
}

static uint64_t hash_of(int fd) {
  static char buffer[65536];
  uint64_t hash = 0xcbf29ce484222325u;
  ssize_t got;
  for (off_t at = 0; (got = pread(fd, buffer, sizeof buffer, at)) > 0; at += got) hash = hash_more(hash, buffer, got);
  return got < 0 ? (uint64_t)errno : hash;
}

static char letter_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return 'f';
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFIFO: return 'p';
    case S_IFCHR: return 'c';
    case S_IFBLK: return 'b';
    case S_IFSOCK: return 's';
    default: return '?';
  }
}

// An owner as it can be compared: whoever runs the program is "me", natively and as somebody else under the hypervisor.
static const char *who(unsigned id, unsigned me) {
  static char text[4][16];
  static int turn;
  char *t = text[turn++ % 4];
  if (id == me) return "me";
  snprintf(t, 16, "%u", id);
  return t;
}

// Sizes and link counts of directories belong to the file system and are left out; so are times nobody set.
static void show_stat(const struct stat *st) {
  say(" %c%04o", letter_of(st->st_mode), st->st_mode & 07777);
  // What is recorded is of a name: a file that has lost its last one shows its own owner (docs/compatibility.md).
  if (may.owners && st->st_nlink > 0) say(" %s:%s", who(st->st_uid, geteuid()), who(st->st_gid, getegid()));
  if (!S_ISDIR(st->st_mode) && !may.uncounted) say(" n%lu", (unsigned long)st->st_nlink);
  if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode)) say(" %lld", (long long)st->st_size);
  if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) say(" %u,%u", major(st->st_rdev), minor(st->st_rdev));
  if (!S_ISDIR(st->st_mode) && st->st_mtim.tv_sec < 1500000000) say(" @%ld.%09ld", (long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// The user.* attributes, sorted, as name=hash of the value.
static void show_xattrs(const char *path) {
  char list[4096], *found[64];
  ssize_t size = llistxattr(path, list, sizeof list);
  int count = 0;
  for (char *p = list; size > 0 && p < list + size && count < 64; p += strlen(p) + 1)
    if (!strncmp(p, "user.", 5)) found[count++] = p;
  qsort(found, count, sizeof *found, by_text);
  for (int i = 0; i < count; i++) {
    char value[4096];
    ssize_t got = lgetxattr(path, found[i], value, sizeof value);
    if (got < 0) say(" %s=%s", found[i], name_of_errno(errno));
    else say(" %s=%lx", found[i], hash_more(1, value, got));
  }
}

// Names in a directory, sorted, in memory the caller frees; -1 and errno. The type readdir gives is put behind the name; one it does not
// know is asked for, as any program must.
static int names_in(DIR *dir, char ***all, int types) {
  struct dirent *e;
  int count = 0;
  *all = 0;
  while (errno = 0, (e = readdir(dir))) {
    if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
    struct stat st;
    if (types && e->d_type == DT_UNKNOWN && fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) e->d_type = IFTODT(st.st_mode);
    *all = realloc(*all, (count + 1) * sizeof **all);
    if (asprintf(&(*all)[count++], types ? "%s%c" : "%s", e->d_name, letter_of(DTTOIF(e->d_type))) < 0) abort();
  }
  if (errno) return -1;
  if (count) qsort(*all, count, sizeof **all, by_text);
  return count;
}

// One line for what is at path, then its children. With everything also inode numbers and all times: what must not have been touched.
static void dump(const char *path, int everything) {
  struct stat st;
  say("%s", path);
  if (lstat(path, &st) < 0) {
    failed(errno);
    return;
  }
  show_stat(&st);
  if (everything)
    say(" %lu m%ld.%09ld c%ld.%09ld", (unsigned long)st.st_ino, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long)st.st_ctim.tv_sec,
        st.st_ctim.tv_nsec);
  if (S_ISREG(st.st_mode)) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) say(" %s", name_of_errno(errno));
    else say(" %016lx", hash_of(fd)), close(fd);
  } else if (S_ISLNK(st.st_mode)) {
    char target[PATH_MAX];
    ssize_t got = readlink(path, target, sizeof target - 1);
    say(" -> %.*s", got < 0 ? 1 : (int)got, got < 0 ? "?" : target);
  }
  if (may.xattrs && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) show_xattrs(path);
  if (!S_ISDIR(st.st_mode)) {
    say("\n");
    return;
  }
  DIR *dir = opendir(path);
  char **all;
  int count = dir ? names_in(dir, &all, 0) : -1;
  say(count < 0 ? " %s\n" : "\n", name_of_errno(errno));
  if (dir) closedir(dir);
  for (int i = 0; i < count; i++) {
    char *child;
    if (asprintf(&child, "%s/%s", path, all[i]) < 0) abort();
    dump(child, everything);
    free(child);
    free(all[i]);
  }
  if (count >= 0) free(all);
}
