// Random operations in one directory, each printed with its result, and a dump of what is there at the end.
//   ops make DIR SEED LETTERS                   makes a lower tree in DIR
//   ops dump DIR LETTERS                        prints everything about a tree, also what a copy would change
//   ops run DIR SEED LETTERS FIRST COUNT [SKIP] dumps DIR, does operations FIRST … FIRST+COUNT-1 in it (SKIP: numbers to leave
//                                               out, separated by commas), dumps it again
// A line that begins with ~ depends on what file systems are free to choose and is not compared.
#include "actions.h"
#include "data.h"
#include "links.h"
#include "lower.h"

static const struct action {
  void (*act)(void);
  unsigned weight;
} actions[] = {
    {act_open, 26}, {act_slot, 16}, {act_mkdir, 8}, {act_rmdir, 4}, {act_unlink, 6}, {act_rename, 12}, {act_rename2, 5}, {act_link, 4},
    {act_symlink, 4}, {act_readlink, 2}, {act_chmod, 6}, {act_chown, 4}, {act_times, 3}, {act_truncate, 4}, {act_mknod, 3}, {act_xattr, 5},
    {act_list, 6}, {act_stat, 8}, {act_access, 4}, {act_tmpfile, 3}, {act_inside, 6}, {act_dirfd, 6}, {act_remove_all, 3}, {act_copy, 3},
    {act_path_only, 5}, {act_through_slot, 6}, {act_map, 3}, {act_fallocate, 3}, {act_sendfile, 2}, {act_list_changing, 3}, {act_twice, 6},
    {act_rename_folder, 5},
};

static void one(void) {
  unsigned total = 0, at;
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) total += actions[i].weight;
  at = below(total);
  for (size_t i = 0;; at -= actions[i++].weight) {
    if (at >= actions[i].weight) continue;
    actions[i].act();
    return;
  }
}

static int skipped(const char *list, int number) {
  for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : 0)
    if (atoi(p) == number) return 1;
  return 0;
}

static int run(int argc, char **argv) {
  if (argc < 7) return 2;
  int first = atoi(argv[5]), count = atoi(argv[6]);
  base = argv[2];
  read_letters(argv[4]);
  if (chdir(base) < 0) return perror(base), 1;
  say("-- before\n");
  dump(".", 0);
  for (int i = first; i < first + count; i++) {
    if (argc > 7 && skipped(argv[7], i)) continue;
    seed_for(strtoull(argv[3], 0, 10), i);
    say("%d ", i);
    one();
    // A line at a time, so that a crash shows where it was.
    fflush(stdout);
  }
  if (chdir(base) < 0) return perror(base), 1;
  say("-- after\n");
  dump(".", 0);
  return 0;
}

int main(int argc, char **argv) {
  umask(022);
  alarm(300);
  static char buffer[1 << 16];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  if (argc == 5 && !strcmp(argv[1], "make")) {
    read_letters(argv[4]);
    seed_for(strtoull(argv[3], 0, 10), 0);
    make_lower(argv[2], 0);
    return 0;
  }
  if (argc == 4 && !strcmp(argv[1], "dump")) {
    read_letters(argv[3]);
    if (chdir(argv[2]) < 0) return perror(argv[2]), 1;
    dump(".", 1);
    return 0;
  }
  if (argc > 1 && !strcmp(argv[1], "run")) return run(argc, argv);
  fputs("ops: see the head of ops.c\n", stderr);
  return 2;
}
