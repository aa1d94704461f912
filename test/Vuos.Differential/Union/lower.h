// Makes the lower tree: three levels of the same few names, with everything a tree can hold.
#pragma once
#include "tree.h"

static void set_time(const char *path) {
  struct timespec times[2] = {{1000000000 + below(100000), below(1000000000)}, {1100000000 + below(100000), below(1000000000)}};
  utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static void fill(int fd) {
  unsigned char byte = 'A' + below(26);
  static char block[20000];
  unsigned size = percent(10) ? 0 : percent(5) ? 300000 : below(sizeof block);
  memset(block, byte, sizeof block);
  while (size) {
    ssize_t put = write(fd, block, size < sizeof block ? size : sizeof block);
    if (put <= 0) return;
    size -= put;
  }
}

static void lower_mode(const char *path, int directory) {
  // Without "strict" anybody can read everything, and whoever plays the owner can write it.
  static const mode_t files[] = {0644, 0644, 0755, 0666}, strict_files[] = {0644, 0600, 0400, 0, 04755, 02755, 0777};
  static const mode_t directories[] = {0755, 0755, 0777}, strict_directories[] = {0755, 0700, 01777, 0500};
  chmod(path, directory ? (may.strict ? PICK(strict_directories) : PICK(directories)) : may.strict ? PICK(strict_files) : PICK(files));
}

static void make_lower(const char *path, int depth) {
  static const unsigned directory[] = {100, 85, 50, 12}, file[] = {0, 94, 75, 55}, other[] = {0, 100, 90, 70};
  static char *last_file;
  unsigned what = below(100);
  if (what < directory[depth]) {
    if (mkdir(path, 0755) < 0 && depth) return;
    for (int i = 0; i < NAMES && depth < 3; i++) {
      char *child;
      if (asprintf(&child, "%s/%s", path, names[i]) < 0) abort();
      make_lower(child, depth + 1);
      free(child);
    }
    if (depth) lower_mode(path, 1);
  } else if (what < file[depth]) {
    if (may.links && last_file && percent(15) && link(last_file, path) == 0) return;
    int fd = open(path, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) return;
    fill(fd);
    close(fd);
    lower_mode(path, 0);
    free(last_file);
    last_file = strdup(path);
  } else if (what < other[depth]) {
    static const char *const targets[] = {"a", "b", "c/a", "nowhere", "./d", "b/../e"};
    switch (below(may.devices ? 4 : 3)) {
      case 0:
      case 1:
        if (symlink(PICK(targets), path) < 0) return;
        break;
      // One that belongs to another is not copied for a writer: whoever is at its other end outside would be left alone.
      case 2: mkfifo(path, 0644), chmod(path, 0666); break;
      default: mknod(path, S_IFCHR | 0666, makedev(1, 3)); break;
    }
  } else {
    return;
  }
  if (may.xattrs && depth && percent(25)) setxattr(path, percent(50) ? "user.one" : "user.two", "value", 1 + below(5), 0);
  if (depth) set_time(path);
}
