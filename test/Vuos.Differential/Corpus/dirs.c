// getdents64, getdents: big directories, short buffers, seeking, changing while reading.
#include "t.h"
#include <dirent.h>

struct d64 { uint64_t ino; int64_t off; unsigned short len; unsigned char type; char name[]; };

static int cmp(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void list(const char *path, size_t room) {
  static char b[65536], *names[3000];
  int fd = open(path, O_RDONLY | O_DIRECTORY), n = 0;
  if (fd < 0) { SAY("%s: %s\n", path, strerrorname_np(errno)); return; }
  long r;
  while ((r = Q(SYS_getdents64, fd, b, room)) > 0)
    for (char *p = b; p < b + r && n < 3000; p += ((struct d64 *)p)->len) {
      struct d64 *e = (void *)p;
      struct stat s;
      char *t = malloc(300);
      int same = fstatat(fd, e->name, &s, AT_SYMLINK_NOFOLLOW) == 0 && (s.st_ino == e->ino || !strcmp(e->name, "..")) && (e->type == 0 || e->type == IFTODT(s.st_mode));
      sprintf(t, "%.60s/%d%s", e->name, e->type, same ? "" : " DIFFERS FROM STAT");
      names[n++] = t;
    }
  if (r < 0) SAY("%s: %s\n", path, errname(r));
  qsort(names, n, sizeof *names, cmp);
  SAY("%s: %d entries:", path, n);
  for (int i = 0; i < n; i++) { if (i < 12 || i > n - 3) SAY(" %s", names[i]); free(names[i]); }
  SAY("\n");
  close(fd);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  char b[4096], name[300];
  mkdir("empty", 0755), mkdir("some", 0755), mkdir("big", 0755), symlink("some", "link"), mkdir("shut", 0), mkdir("xonly", 0111);
  put("some/f", "", 0644), mkdir("some/d", 0755), symlink("x", "some/l"), mkfifo("some/p", 0644), put("some/\xff\x01 \n", "", 0644);
  for (int i = 0; i < 1500; i++) { sprintf(name, "big/entry-%04d", i); close(open(name, O_CREAT | O_WRONLY, 0644)); }
  char *longest = long_path(255, 1000);
  sprintf(name, "some/%s", longest), put(name, "", 0644);
  list("empty", 4096), list("some", 4096), list("some/", 300), list("link", 4096), list(".", 65536), list("big", 65536), list("big", 500), list("shut", 500), list("xonly", 500), list("/proc/self/ns", 4096);
  AREA("arguments");
  int d = open("some", O_RDONLY), f = open("some/f", O_RDONLY), o = open("some", O_PATH);
  T(SYS_getdents64, d, b, 0);
  T(SYS_getdents64, d, b, 10);
  T(SYS_getdents64, d, NULL, 4096);
  T(SYS_getdents64, d, WILD, 4096);
  T(SYS_getdents64, f, b, 4096);
  T(SYS_getdents64, o, b, 4096);
  T(SYS_getdents64, 77, b, 4096);
  T(SYS_getdents, d, WILD, 4096);
  T(SYS_getdents, f, b, 4096);
  V(Q(SYS_getdents, d, b, sizeof b) > 0);
  T(SYS_getdents, d, b, sizeof b);
  T(SYS_lseek, d, 0, SEEK_SET);
  V(Q(SYS_getdents64, d, b, sizeof b) > 0);
  T(SYS_getdents64, d, b, sizeof b);
  AREA("seeking");
  DIR *dir = opendir("big");
  long at = 0;
  int n = 0;
  char tenth[300] = "";
  for (struct dirent *e; (e = readdir(dir)); n++) {
    if (n == 9) at = telldir(dir);
    if (n == 10) strcpy(tenth, e->d_name);
  }
  V(n), seekdir(dir, at), V(strcmp(readdir(dir)->d_name, tenth)), rewinddir(dir);
  for (n = 0; readdir(dir); n++) {}
  V(n);
  rewinddir(dir);
  for (struct dirent *e; (e = readdir(dir));) if (e->d_name[0] == 'e') unlinkat(dirfd(dir), e->d_name, 0);
  closedir(dir), list("big", 4096);
  AREA("removed while open");
  d = open("empty", O_RDONLY), rmdir("empty");
  T(SYS_getdents64, d, b, sizeof b);
  return 0;
}
