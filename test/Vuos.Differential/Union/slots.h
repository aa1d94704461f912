// Descriptors that are kept open across other operations, and what all operations share.
#pragma once
#include "tree.h"

static const char *base;

enum { SLOTS = 4 };
static struct slot {
  int fd;  // 0: free
  int way;
  char *name;  // as it was at the open; without links
  int moved;   // that name has been removed or renamed since
} slots[SLOTS], folders[SLOTS];

// The working directory is below the root of the tree, or was when it was entered.
static int inside;

static char *path_of_depth(unsigned depth) {
  static char text[8][64];
  static int turn;
  char *path = text[turn++ % 8];
  *path = 0;
  // The parent of the mount point belongs to somebody else.
  if (percent(15) && inside) strcat(path, "../");
  for (unsigned i = 0; i < depth; i++) {
    if (i) strcat(path, "/");
    if (percent(3)) strcat(path, "./");
    if (i && percent(6)) strcat(path, "../");
    strcat(path, PICK(names));
  }
  if (percent(3)) strcat(path, "/");
  return path;
}

static char *some_path(void) { return path_of_depth(percent(25) ? 1 : percent(60) ? 2 : 3); }

// For what makes and removes names: if it met the first level as often as the others, there would soon be no directories left.
static char *deep_path(void) { return path_of_depth(percent(6) ? 1 : percent(50) ? 2 : 3); }

static mode_t some_mode(int directory) {
  static const mode_t files[] = {0644, 0600, 0755, 0666, 0640}, strict_files[] = {0644, 0, 0400, 0200, 0755, 0111, 0666, 04755, 02755, 02644};
  static const mode_t directories[] = {0755, 0700, 0777}, strict_directories[] = {0755, 0500, 0300, 0, 0700, 01777, 02755};
  mode_t plain = directory ? PICK(directories) : PICK(files), strict = directory ? PICK(strict_directories) : PICK(strict_files);
  // Who may set set-id bits depends on the group, which differs where owners are not compared.
  return may.strict && percent(40) ? (may.owners ? strict : strict & 0777) : plain;
}

static int result(int r) {
  if (r < 0) failed(errno);
  else say(" = %d\n", r);
  return r;
}

static const char *flags_text(int way) {
  static char text[80];
  snprintf(text, sizeof text, "%s%s%s%s%s%s%s", (way & O_ACCMODE) == O_RDONLY ? "r" : (way & O_ACCMODE) == O_WRONLY ? "w" : "rw",
           way & O_CREAT ? "|CREAT" : "", way & O_EXCL ? "|EXCL" : "", way & O_TRUNC ? "|TRUNC" : "", way & O_APPEND ? "|APPEND" : "",
           way & O_NOFOLLOW ? "|NOFOLLOW" : "", (way & O_DIRECTORY) == O_DIRECTORY ? "|DIRECTORY" : "");
  return text;
}

// Only where devices may be recorded ones, which nobody can open.
static int is_device(const char *path) {
  struct stat st;
  return may.virtual_ && stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
}

// A file's name without links, and without the place where the tree lies.
static char *canonical_of(const char *path) {
  char text[PATH_MAX], parent[PATH_MAX], *all;
  snprintf(text, sizeof text, "%s", path);
  size_t size = strlen(text);
  while (size > 1 && text[size - 1] == '/') text[--size] = 0;
  char *slash = strrchr(text, '/');
  const char *last = slash ? slash + 1 : text;
  if (slash) *slash = 0;
  if (!realpath(slash ? text : ".", parent)) return strdup("?");
  return asprintf(&all, "%s/%s", strncmp(parent, base, strlen(base)) ? parent : parent + strlen(base), last) < 0 ? 0 : all;
}

static void gone(const char *name) {
  size_t size = strlen(name);
  for (int i = 0; i < 2 * SLOTS; i++) {
    struct slot *s = i < SLOTS ? &slots[i] : &folders[i - SLOTS];
    if (s->fd && (*name == '?' || (!strncmp(s->name, name, size) && (!s->name[size] || s->name[size] == '/')))) s->moved = 1;
  }
}

// A directory at the target that is removed stays what it was for who has it open, and is found by its name when that is made again: not
// what overlayfs does, so nothing is done in it.
static void removed(const char *name) {
  size_t size = strlen(name);
  gone(name);
  for (int i = 0; i < SLOTS; i++) {
    struct slot *s = &folders[i];
    if (!s->fd || strncmp(s->name, name, size) || (s->name[size] && s->name[size] != '/')) continue;
    close(s->fd), free(s->name);
    s->fd = 0;
  }
}

static void keep_in(struct slot *all, int fd, int way, char *name) {
  struct slot *s = &all[below(SLOTS)];
  if (s->fd) close(s->fd), free(s->name);
  *s = (struct slot){fd, way, name, 0};
}

static void keep(int fd, int way, char *name) { keep_in(slots, fd, way, name); }

static void show_file(int fd, int way) {
  struct stat st;
  if (fstat(fd, &st) < 0) {
    say(" fstat %s", name_of_errno(errno));
    return;
  }
  say(" =");
  show_stat(&st);
  if (S_ISREG(st.st_mode) && (way & O_ACCMODE) != O_WRONLY) say(" %016lx", hash_of(fd));
}

static void write_some(int fd, int way) {
  static char block[20000];
  struct stat st;
  unsigned size = 1 + below(percent(50) ? 100 : sizeof block), at = below(20000);
  memset(block, 'a' + below(26), size);
  if ((way & O_ACCMODE) == O_RDONLY || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) return;
  // pwrite to a descriptor with O_APPEND appends: Linux.
  ssize_t put = percent(50) ? write(fd, block, size) : pwrite(fd, block, size, at);
  if (put < 0) say(" write %s", name_of_errno(errno));
  else say(" write %zd", put);
}

static void list_open(int fd) {
  char **all;
  DIR *dir = fd < 0 ? 0 : fdopendir(fd);
  int count = dir ? names_in(dir, &all, 1) : -1;
  if (count < 0) failed(errno);
  else {
    say(" =");
    for (int i = 0; i < count; i++) say(" %s", all[i]), free(all[i]);
    free(all);
    say("\n");
  }
  if (dir) closedir(dir);
  else if (fd >= 0) close(fd);
}

// What is done with a file that was opened before. A descriptor opened for reading may still show the file as it was below (plain
// directories and the kernel's overlay show the new one): what it reads is not compared. What is done *through* it is, while its
// name is still the one it was opened by.
static void act_slot(void) {
  struct slot *s = &slots[below(SLOTS)];
  unsigned what = below(8), size = below(20000);
  mode_t mode = some_mode(0);
  struct stat st;
  if (!s->fd) {
    say("no slot\n");
    return;
  }
  // What is no file with content is not copied up by opening it for writing.
  if (fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode)) mode |= 0700;
  int reader = (s->way & O_ACCMODE) == O_RDONLY || (fstat(s->fd, &st) == 0 && !S_ISREG(st.st_mode));
  // Nothing can be changed in the place of a file at the target whose name is gone: EROFS (specs/vufs/cow-descriptor-names.spec).
  if (reader && s->moved) {
    say("moved reader\n");
    return;
  }
  if (reader && what < 3) say("\n~");
  say("fd of %s, %s%s:", s->name, flags_text(s->way), s->moved ? ", moved" : "");
  switch (what) {
    case 0: show_file(s->fd, s->way); say("\n"); break;
    case 1:
    case 2: write_some(s->fd, s->way); show_file(s->fd, s->way); say("\n"); break;
    case 3: say(" fchmod %04o", mode); result(fchmod(s->fd, mode)); break;
    case 4: say(" ftruncate %u", size); result(fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode) ? ftruncate(s->fd, size) : 0); break;
    case 5:
      if (!may.xattrs || fstat(s->fd, &st) < 0 || !S_ISREG(st.st_mode)) say(" no xattr\n");
      else say(" fsetxattr"), result(fsetxattr(s->fd, "user.fd", "fd", 2, 0));
      break;
    case 6: {
      struct timespec times[2] = {{1200000001, 0}, {1300000001, 7}};
      say(" futimens");
      result(futimens(s->fd, times));
      break;
    }
    default:
      say(" fchown");
      result(fchown(s->fd, may.owners ? 1000 : (uid_t)-1, -1));
  }
}

// A directory that was opened before, and things done relative to it; it may have been renamed or copied up since.
static void act_dirfd(void) {
  struct slot *s = &folders[below(SLOTS)];
  char *path = some_path();
  unsigned what = below(6);
  struct stat st;
  if (!s->fd || percent(40)) {
    say("opendir(%s)", path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
      failed(errno);
      return;
    }
    say("\n");
    keep_in(folders, fd, O_RDONLY, canonical_of(path));
    return;
  }
  say("in %s%s: ", s->name, s->moved ? ", moved" : "");
  if (what == 0) {
    say("mkdirat(%s)", path);
    result(mkdirat(s->fd, path, 0755));
  } else if (what == 1) {
    say("unlinkat(%s)", path);
    // What it removes may be in a slot: its name is not asked for.
    if (result(unlinkat(s->fd, path, percent(30) ? AT_REMOVEDIR : 0)) == 0) gone("?");
  } else if (what == 2) {
    say("fstatat(%s)", path);
    if (fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0) failed(errno);
    else show_stat(&st), say("\n");
  } else if (what == 3) {
    say("list");
    list_open(openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  } else if (what == 4) {
    say("renameat(%s)", path);
    if (result(renameat(AT_FDCWD, path, s->fd, "e")) == 0) gone("?");
  } else {
    say("openat(%s)", path);
    if (fstatat(s->fd, path, &st, 0) == 0 && !S_ISREG(st.st_mode)) {
      say(" not opened\n");
      return;
    }
    int fd = openat(s->fd, path, O_CREAT | O_RDWR | O_NONBLOCK | O_CLOEXEC, 0644);
    if (fd < 0) {
      failed(errno);
      return;
    }
    write_some(fd, O_RDWR);
    show_file(fd, O_RDWR);
    say("\n");
    close(fd);
  }
}
