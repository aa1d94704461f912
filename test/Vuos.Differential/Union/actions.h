// The operations. Each takes its arguments from chance, does one thing (or a few that belong together) and prints what came of it.
#pragma once
#include "slots.h"

static void act_open(void) {
  static const int ways[] = {O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR, O_RDWR};
  int way = PICK(ways);
  if (percent(55)) way |= O_CREAT;
  if ((way & O_CREAT) && percent(20)) way |= O_EXCL;
  // O_RDONLY|O_TRUNC truncates too, where it is not forbidden.
  if (percent(20)) way |= O_TRUNC;
  if (percent(20)) way |= O_APPEND;
  if (percent(8)) way |= O_NOFOLLOW;
  if (!(way & O_CREAT) && percent(8)) way |= O_DIRECTORY;
  char *path = way & O_CREAT ? deep_path() : some_path();
  mode_t mode = some_mode(0);
  say("open(%s,%s,%04o)", path, flags_text(way), mode);
  if (is_device(path)) {
    say(" not opened\n");
    return;
  }
  int fd = open(path, way | O_NONBLOCK | O_CLOEXEC, mode);
  if (fd < 0) {
    failed(errno);
    return;
  }
  char *canonical = canonical_of(path);
  show_file(fd, way);
  if (percent(50)) write_some(fd, way);
  say("\n");
  if (percent(40)) keep(fd, way, canonical);
  else close(fd), free(canonical);
}

static void act_mkdir(void) {
  char *path = some_path();
  mode_t mode = percent(80) ? 0755 : some_mode(1);
  say("mkdir(%s,%04o)", path, mode);
  // Half of the time with its parents, else the tree would only shrink.
  for (char *slash = path; percent(50) && (slash = strchr(slash + 1, '/'));) *slash = 0, mkdir(path, 0755), *slash = '/';
  result(mkdir(path, mode));
}

static void act_rmdir(void) {
  char *path = deep_path();
  say("rmdir(%s)", path);
  char *canonical = canonical_of(path);
  if (result(rmdir(path)) == 0) removed(canonical);
  free(canonical);
}

static void act_unlink(void) {
  char *path = deep_path();
  say("unlink(%s)", path);
  char *canonical = canonical_of(path);
  if (result(unlink(path)) == 0) gone(canonical);
  free(canonical);
}

static void rename_with(unsigned flags) {
  char *from = deep_path(), *to = deep_path();
  char *was = canonical_of(from), *old = canonical_of(to);
  say("rename(%s,%s,%u)", from, to, flags);
  if (result(flags ? renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) : rename(from, to)) == 0) {
    gone(was);
    gone(old);
  }
  free(was);
  free(old);
}

static void act_rename(void) { rename_with(0); }
static void act_rename2(void) { rename_with(percent(50) ? RENAME_NOREPLACE : RENAME_EXCHANGE); }

static void act_link(void) {
  char *from = deep_path(), *to = deep_path();
  int follow = percent(20) ? AT_SYMLINK_FOLLOW : 0;
  say("link(%s,%s,%d)", from, to, follow != 0);
  result(linkat(AT_FDCWD, from, AT_FDCWD, to, follow));
}

static void act_symlink(void) {
  // None leads out of the tree while it lies on the first level: what is outside differs between the runs.
  static const char *const targets[] = {"a", "b", "c/a", "nowhere", "./d", "b/../e", "d/", "e/e/e"};
  const char *target = PICK(targets);
  char *path = deep_path();
  say("symlink(%s,%s)", target, path);
  result(symlink(target, path));
}

static void act_readlink(void) {
  char *path = some_path(), target[PATH_MAX];
  say("readlink(%s)", path);
  ssize_t got = readlink(path, target, sizeof target);
  if (got < 0) failed(errno);
  else say(" = %.*s\n", (int)got, target);
}

static void act_chmod(void) {
  char *path = some_path();
  struct stat st;
  mode_t mode = some_mode(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
  say("chmod(%s,%04o)", path, mode);
  result(chmod(path, mode));
}

static void act_chown(void) {
  static const int ids[] = {-1, 0, 1000, 2000, 4000};
  char *path = some_path();
  int uid = PICK(ids), gid = PICK(ids), follow = percent(50) ? 0 : AT_SYMLINK_NOFOLLOW;
  if (!may.owners) uid = gid = -1;
  // There the model is run by user 0 and the view is not: "me" would be two numbers.
  if (may.virtual_ && uid == 0) uid = 2000;
  if (may.virtual_ && gid == 0) gid = 4000;
  say("chown(%s,%d,%d,%s)", path, uid, gid, follow ? "nofollow" : "follow");
  result(fchownat(AT_FDCWD, path, uid, gid, follow));
}

static void act_times(void) {
  char *path = some_path();
  struct timespec times[2] = {{1200000000, 5}, {1300000000 + below(1000), below(1000000000)}};
  if (percent(20)) times[1].tv_nsec = UTIME_NOW;
  if (percent(10)) times[1].tv_nsec = UTIME_OMIT;
  int follow = percent(50) ? 0 : AT_SYMLINK_NOFOLLOW;
  say("utimensat(%s,%ld,%s)", path, times[1].tv_nsec, follow ? "nofollow" : "follow");
  result(utimensat(AT_FDCWD, path, times, follow));
}

static void act_truncate(void) {
  char *path = some_path();
  long size = percent(40) ? 0 : below(30000);
  say("truncate(%s,%ld)", path, size);
  if (is_device(path)) say(" not opened\n");
  else result(truncate(path, size));
}

static void act_mknod(void) {
  static const mode_t kinds[] = {S_IFIFO, S_IFIFO, S_IFREG, S_IFSOCK, S_IFCHR};
  char *path = deep_path();
  mode_t kind = PICK(kinds), mode = some_mode(0) & 0777;
  if (kind == S_IFCHR && !may.devices) kind = S_IFIFO;
  say("mknod(%s,%c,%04o)", path, letter_of(kind), mode);
  result(mknod(path, kind | mode, kind == S_IFCHR ? makedev(1, 3) : 0));
}

static void act_xattr(void) {
  static const char *const keys[] = {"user.one", "user.two", "user.three"};
  char *path = some_path(), value[64];
  const char *key = PICK(keys);
  unsigned what = below(4), size = 1 + below(60), flags = below(3);
  char byte = 'a' + below(26);
  struct stat st;
  // Natively a device that is only recorded is a regular file and could have attributes.
  if (!may.xattrs || stat(path, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
    say("xattr(%s) none\n", path);
    return;
  }
  memset(value, byte, sizeof value);
  say("%cxattr(%s,%s,%u,%u)", "srgl"[what], path, key, size, flags);
  if (what == 0) {
    result(setxattr(path, key, value, size, flags == 1 ? XATTR_CREATE : flags == 2 ? XATTR_REPLACE : 0));
  } else if (what == 1) {
    result(removexattr(path, key));
  } else if (what == 2) {
    ssize_t got = getxattr(path, key, value, sizeof value);
    if (got < 0) failed(errno);
    else say(" = %zd %lx\n", got, hash_more(1, value, got));
  } else {
    show_xattrs(path);
    say("\n");
  }
}

static void act_list(void) {
  char *path = percent(15) ? "." : some_path();
  say("list(%s)", path);
  list_open(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static void act_stat(void) {
  char *path = some_path();
  struct stat st;
  int follow = percent(50) ? 0 : AT_SYMLINK_NOFOLLOW;
  say("stat(%s,%s)", path, follow ? "nofollow" : "follow");
  if (fstatat(AT_FDCWD, path, &st, follow) < 0) {
    failed(errno);
    return;
  }
  show_stat(&st);
  say("\n");
}

static void act_access(void) {
  char *path = some_path();
  int mode = below(8), flags = percent(50) ? AT_EACCESS : 0;
  say("access(%s,%d,%s)", path, mode, flags ? "effective" : "real");
  result(faccessat(AT_FDCWD, path, mode, flags));
}

static void act_tmpfile(void) {
  char *path = deep_path(), *to = deep_path(), proc[64];
  int exclusive = percent(15) ? O_EXCL : 0;
  say("tmpfile(%s%s)", path, exclusive ? ",EXCL" : "");
  int fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC | exclusive, 0640);
  if (fd < 0) {
    failed(errno);
    return;
  }
  write_some(fd, O_RDWR);
  show_file(fd, O_RDWR);
  snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
  say(" linkat(%s)", to);
  result(linkat(AT_FDCWD, proc, AT_FDCWD, to, AT_SYMLINK_FOLLOW));
  close(fd);
}

static void remove_tree(const char *path) {
  struct stat st;
  char **all;
  if (lstat(path, &st) < 0) return;
  if (!S_ISDIR(st.st_mode)) {
    unlink(path);
    return;
  }
  DIR *dir = opendir(path);
  int count = dir ? names_in(dir, &all, 0) : -1;
  for (int i = 0; i < count; i++) {
    char *child;
    if (asprintf(&child, "%s/%s", path, all[i]) < 0) abort();
    remove_tree(child);
    free(child);
    free(all[i]);
  }
  if (dir) closedir(dir);
  if (count >= 0) free(all);
  if (rmdir(path) < 0) say(" rmdir(%s) = %s", path, name_of_errno(errno));
}

// Deletes a tree, and mostly makes its name again at once: nothing of the old one may show through.
static void act_remove_all(void) {
  char *path = deep_path();
  say("remove(%s)", path);
  char *canonical = canonical_of(path);
  remove_tree(path);
  removed(canonical);
  free(canonical);
  if (percent(60)) say(" mkdir"), result(mkdir(path, 0755));
  else say("\n");
}

static void act_copy(void) {
  char *from = deep_path(), *to = deep_path();
  say("copy(%s,%s)", from, to);
  if (is_device(from) || is_device(to)) {
    say(" not opened\n");
    return;
  }
  int in = open(from, O_RDONLY | O_NONBLOCK | O_CLOEXEC), out = open(to, O_CREAT | O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0644);
  struct stat st;
  if (in >= 0 && out >= 0 && fstat(in, &st) == 0 && S_ISREG(st.st_mode) && fstat(out, &st) == 0 && S_ISREG(st.st_mode)) {
    ssize_t got = copy_file_range(in, 0, out, 0, 1 << 20, 0);
    if (got < 0) failed(errno);
    else say(" = %zd\n", got);
  } else {
    say(" = %s,%s\n", in < 0 ? "no" : "yes", out < 0 ? "no" : "yes");
  }
  if (in >= 0) close(in);
  if (out >= 0) close(out);
}

static void one(void);

// Enters a directory, does a few things there with relative names, and comes back.
static void act_inside(void) {
  static int depth;
  char *path = some_path(), at[PATH_MAX];
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  say("chdir(%s)", path);
  if (depth || chdir(path) < 0) {
    failed(depth ? 0 : errno);
    close(here);
    return;
  }
  depth++;
  // The view's name of the place, without the part that differs between the runs.
  const char *name = getcwd(at, sizeof at) ? (strncmp(at, base, strlen(base)) ? "elsewhere" : at + strlen(base)) : 0;
  say(" = %s\n", name ? name : name_of_errno(errno));
  inside = name && *name == '/';
  for (unsigned i = 0, times = 1 + below(4); i < times; i++) say("   "), one();
  depth--;
  inside = 0;
  if (percent(50) ? fchdir(here) : chdir(base)) say("   cannot come back: %s\n", name_of_errno(errno));
  close(here);
}
