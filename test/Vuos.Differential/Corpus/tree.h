// The scratch tree of the path matrices: one of everything a name can be, rebuilt after each call that changed it.
#pragma once
#include "t.h"
#include <dirent.h>
#include <ftw.h>
#include <sys/inotify.h>

static int tree_count, tree_watch = -1;

// A fresh tree in a directory of its own; the process is in it afterwards.
static void tree_build(void) {
  char name[16];
  if (tree_count++ && chdir("..") != 0) SAY("tree: chdir\n");
  sprintf(name, "t%05d", tree_count);
  mkdir(name, 0755);
  if (chdir(name) != 0) SAY("tree: chdir\n");
  put("f", "hello", 0644), put("x", "#!/bin/true\n", 0755), put("locked", "secret", 0000);
  mkdir("d", 0755), mkdir("d/sub", 0755), put("d/g", "inner", 0600), mkdir("empty", 0755), mkdir("shut", 0000);
  symlink("f", "lf"), symlink("d", "ld"), symlink("empty", "le"), symlink("nowhere", "dangling");
  symlink("l2", "l1"), symlink("l1", "l2"), symlink("../f", "d/up"), symlink("ld/sub", "chain"), symlink("f/", "lfs"), symlink("d/", "lds");
  symlink("nowhere/", "dangs");
  mkfifo("p", 0644);
  if (tree_watch >= 0) close(tree_watch);
  tree_watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  static const char *dirs[] = {".", "d", "d/sub", "empty", "shut"};
  for (unsigned i = 0; i < sizeof dirs / sizeof *dirs; i++)
    inotify_add_watch(tree_watch, dirs[i], IN_ATTRIB | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF);
}

// Whether anything may have changed: a look at the tree itself takes a hundred calls.
static int tree_touched(void) {
  char events[4096];
  if (tree_watch < 0) return 1;
  int any = 0;
  while (read(tree_watch, events, sizeof events) > 0) any = 1;
  return any;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void tree_list(char *out, size_t room, const char *dir) {
  struct dirent **e;
  int n = scandir(dir, &e, 0, by_name);
  for (int i = 0; i < n; i++) {
    const char *s = e[i]->d_name;
    char path[600], link[300] = "";
    struct stat st;
    if (strcmp(s, ".") && strcmp(s, "..")) {
      snprintf(path, sizeof path, "%s/%s", dir, s);
      lstat(path, &st);
      ssize_t l = S_ISLNK(st.st_mode) ? readlink(path, link, sizeof link - 1) : 0;
      if (l > 0) link[l > 40 ? 40 : l] = 0;
      size_t used = strlen(out);
      snprintf(out + used, room - used, "%.20s%s:%o:%ld:%d%s%s\n", path + 2, strlen(path) > 22 ? "+" : "", st.st_mode,
               S_ISREG(st.st_mode) ? (long)st.st_size : 0, (int)st.st_nlink, *link ? ">" : "", link);
      if (S_ISDIR(st.st_mode)) tree_list(out, room, path);
    }
    free(e[i]);
  }
  if (n >= 0) free(e);
}

// Prints the lines of the tree that are not as tree_build leaves them. Returns whether anything changed.
static int tree_changes(void) {
  static char fresh[16384], now[16384];
  if (!*fresh) {
    tree_build();
    tree_list(fresh, sizeof fresh, ".");
  }
  *now = 0;
  tree_list(now, sizeof now, ".");
  if (!strcmp(fresh, now)) return 0;
  for (int side = 0; side < 2; side++) {
    char *copy = strdup(side ? now : fresh), *save, *line;
    for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
      char whole[512];
      snprintf(whole, sizeof whole, "%s\n", line);
      const char *in = side ? fresh : now, *at = strstr(in, whole);
      while (at && at != in && at[-1] != '\n') at = strstr(at + 1, whole);
      if (!at) SAY("    %c %s\n", side ? '+' : '-', line);
    }
    free(copy);
  }
  return 1;
}

static const char *tree_paths[] = {
  "f", "d", "empty", "lf", "ld", "dangling", "l1", "p", "nowhere", "locked", "shut", "shut/x", "f/", "d/", "empty/", "lf/", "ld/", "le/", "dangling/",
  "l1/", "nowhere/", "f/.", "d/.", "empty/.", "d/..", "d/../f", "f/..", "f/../f", "ld/g", "ld/..", "ld/../f", "chain", "chain/..", "chain/../g",
  "./f", ".//f", "d//g", "d/g/x", "d/up", "ld/up", "d/up/", "dangling/x", "l1/x", "nowhere/x", "lfs", "lds", "dangs", "", ".", "./", "..", "../", "/", "//", "/..", "/nowhere-at-all", "...",
};
enum { TREE_PATHS = sizeof tree_paths / sizeof *tree_paths };

// What no tree can hold: bad pointers and bad lengths. Index beyond tree_paths; returns NULL when there is no more.
static int tree_path(int i, const char **path, const char **label) {
  static char *c255, *c256, *p4095, *p4096, *d4095, *d4096;
  if (!c255)
    c255 = long_path(255, 4000), c256 = long_path(256, 4000), p4095 = long_path(4095, 200), p4096 = long_path(4096, 200),
    d4095 = dotted(4095, "f"), d4096 = dotted(4096, "f");
  if (i < TREE_PATHS) { *path = *label = tree_paths[i]; return 1; }
  switch (i - TREE_PATHS) {
    case 0: *path = NULL, *label = "NULL"; return 1;
    case 1: *path = WILD, *label = "WILD"; return 1;
    case 2: *path = KERNEL, *label = "KERNEL"; return 1;
    case 3: *path = c255, *label = "255 a"; return 1;
    case 4: *path = c256, *label = "256 a"; return 1;
    case 5: *path = p4095, *label = "4095 in components"; return 1;
    case 6: *path = p4096, *label = "4096 in components"; return 1;
    case 7: *path = d4095, *label = "4095 dotted"; return 1;
    case 8: *path = d4096, *label = "4096 dotted"; return 1;
    case 9: *path = unended(100), *label = "100 unended"; return 1;
    case 10: *path = unended(5000), *label = "5000 unended"; return 1;
    case 11: *path = at_edge("d/g"), *label = "d/g at the edge"; return 1;
    case 12: *path = at_edge("ld/../nowhere"), *label = "ld/../nowhere at the edge"; return 1;
  }
  return 0;
}

// Runs one call over all paths, rebuilding the tree whenever it changed.
static void tree_matrix(const char *name, long (*call)(const char *)) {
  const char *path, *label;
  AREA(name);
  tree_changes();
  tree_build();
  for (int i = 0; tree_path(i, &path, &label); i++) {
    long r = call(path);
    SAY("%s(%s) = %s%s", name, label, r < 0 ? "" : "ok ", r < 0 ? errname(r) : "");
    if (r > 0) SAY("%ld", r);
    SAY("\n");
    if (tree_touched() && tree_changes()) tree_build();
  }
}
