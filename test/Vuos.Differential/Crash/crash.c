/* A guest that changes a union until it is killed, and knows afterwards what must be there.
 *   crash make LOWER SEED FILES        builds the lower tree
 *   crash run ROOT SEED FILES LOG UID  compares the tree with what LOG says was done, then goes on until it is killed
 *   crash check ROOT SEED FILES LOG UID   compares only
 *   crash lower LOWER SEED FILES       the lower tree is what it was
 *   crash files SOURCE SEED FILES      each file of a source is whole
 * LOG has one letter before and one after each operation: B, then E; of one that was cut off, A (it was done) or N (it was not).
 * UID owns the lower tree in the view. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "model.h"

static const char work_file[] = ".new";
static const time_t old_time = 1000000000;
static unsigned char wanted[1 << 20], found[(1 << 20) + 1];
static char difference[8300];

static int differs(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(difference, sizeof difference, format, list);
    va_end(list);
    return 1;
}

static void must(int ok, const char *what, const char *path)
{
    if (ok)
        return;
    printf("%s %s: %s\n", what, path, strerror(errno));
    exit(3);
}

static void must_move(int ok, const char *what, const char *path, const char *to)
{
    char both[8200];
    snprintf(both, sizeof both, "%s and %s", path, to);
    must(ok, what, both);
}

static long content(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW);
    if (fd < 0)
        return -1;
    long n = 0, r;
    while (n < (long)sizeof found && (r = read(fd, found + n, sizeof found - n)) > 0)
        n += r;
    close(fd);
    return n;
}

static void write_file(const char *path, uint32_t id)
{
    uint32_t size = size_of(id);
    fill(wanted, id, 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    must(fd >= 0, "create", path);
    must(write(fd, wanted, size) == (long)size && close(fd) == 0, "write", path);
}

static int same_file(const char *path, const struct node *n)
{
    long size = content(path), expected = n->empty ? 0 : size_of(n->id);
    if (size != expected)
        return differs("%s: %ld bytes, not %ld (id %u)", path, size, expected, n->id);
    fill(wanted, n->id, n->generation);
    return memcmp(found, wanted, size) ? differs("%s: wrong content (id %u, generation %lu)", path, n->id, n->generation) : 0;
}

/* Compares a directory with the model; fixed: also the times. */
static int compare(int dir, int fixed)
{
    char path[4096] = ".", below[4400];
    if (dir > 0)
        path_of(nodes[dir].parent, nodes[dir].name, path);
    DIR *stream = opendir(path);
    if (!stream)
        return differs("%s: %s", path, strerror(errno));
    int seen = 0, bad = 0;
    for (struct dirent *e; !bad && (e = readdir(stream));) {
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || (dir == 0 && !strcmp(e->d_name, work_file)))
            continue;
        snprintf(below, sizeof below, "%s%s%s", dir > 0 ? path : "", dir > 0 ? "/" : "", e->d_name);
        int node = e->d_name[0] == 'n' ? find(dir, atoi(e->d_name + 1)) : -1;
        if (node < 0)
            bad = differs("%s: should not be there", below);
        else if (lstat(below, &st) != 0)
            bad = differs("%s: listed, but %s", below, strerror(errno));
        else if (S_ISDIR(st.st_mode) != nodes[node].directory || (st.st_mode & 07777) != nodes[node].mode || st.st_uid != nodes[node].uid)
            bad = differs("%s: mode %o of %u, not %o of %u", below, st.st_mode, st.st_uid, nodes[node].mode, nodes[node].uid);
        else if (fixed && st.st_mtime != old_time)
            bad = differs("%s: changed", below);
        else
            bad = nodes[node].directory ? compare(node, fixed) : same_file(below, &nodes[node]);
        seen++;
    }
    closedir(stream);
    return bad ? bad : seen != nodes[dir].below ? differs("%s: %d names, not %d", path, seen, nodes[dir].below) : 0;
}

static void perform(struct op op)
{
    char path[4096] = "", to[4096] = "";
    if (op.node >= 0)
        path_of(nodes[op.node].parent, nodes[op.node].name, path);
    if (op.parent >= 0)
        path_of(op.parent, op.name, to);
    int fd;
    switch (op.kind) {
    case MODIFY:
        fd = open(path, O_RDWR);
        must(fd >= 0, "open", path);
        must(pwrite(fd, &op.generation, 8, 0) == 8 && close(fd) == 0, "pwrite", path);
        break;
    case TRUNCATE:
        fd = open(path, O_WRONLY | O_TRUNC);
        must(fd >= 0 && close(fd) == 0, "truncate", path);
        break;
    case MODE: must(chmod(path, nodes[op.node].mode ^ 0044) == 0, "chmod", path); break;
    case RENAME: must_move(rename(path, to) == 0, "rename", path, to); break;
    case EXCHANGE:
        path_of(nodes[op.other].parent, nodes[op.other].name, to);
        must_move(syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, to, 2) == 0, "exchange", path, to);
        break;
    case UNLINK: must(unlink(path) == 0, "unlink", path); break;
    case RMDIR: must(rmdir(path) == 0, "rmdir", path); break;
    case MKDIR: must(mkdir(to, 0755) == 0, "mkdir", to); break;
    case CREATE:
        must(unlink(work_file) == 0 || errno == ENOENT, "unlink", work_file);
        write_file(work_file, op.id);
        must(rename(work_file, to) == 0, "rename to", to);
        break;
    case NOTHING: break;
    }
}

static void set_old(const char *path)
{
    struct timespec times[2] = { { old_time, 0 }, { old_time, 0 } };
    must(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0, "utimensat", path);
}

static void make(void)
{
    char path[4096];
    for (int i = 1; i < count; i++) {
        path_of(nodes[i].parent, nodes[i].name, path);
        if (nodes[i].directory)
            must(mkdir(path, 0755) == 0, "mkdir", path);
        else
            write_file(path, nodes[i].id);
    }
    for (int i = count - 1; i > 0; i--)
        set_old(path_of(nodes[i].parent, nodes[i].name, path));
}

/* A file says itself who it is. */
static int whole(const char *directory)
{
    DIR *stream = opendir(directory);
    must(stream != NULL, "opendir", directory);
    int bad = 0;
    for (struct dirent *e; !bad && (e = readdir(stream));) {
        char path[4400];
        struct stat st;
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        must(lstat(path, &st) == 0, "lstat", path);
        if (S_ISDIR(st.st_mode)) {
            bad = whole(path);
            continue;
        }
        long size = content(path);
        uint64_t id = 0, generation = 0;
        if (size == 0)
            continue;
        if (size >= HEADER) {
            memcpy(&generation, found, 8);
            memcpy(&id, found + 8, 8);
            if (size_of(id) != size) {
                bad = differs("%s: %ld bytes of %u (id %lu)", path, size, size_of(id), id);
                continue;
            }
            fill(wanted, id, generation);
        } else {
            for (long i = 0; i < size; i++)
                wanted[i] = 'a' + (i + size) % 26;
        }
        bad = memcmp(found, wanted, size) ? differs("%s: not whole (id %lu)", path, id) : 0;
    }
    closedir(stream);
    return bad;
}

/* Does in the model what the log says; the number of operations. */
static int replay(int log, struct op *pending)
{
    int k = 0;
    char letter;
    pending->kind = NOTHING;
    while (read(log, &letter, 1) == 1) {
        if (letter == 'B') {
            *pending = decide(k++);
            continue;
        }
        if (letter != 'N')
            apply(*pending);
        pending->kind = NOTHING;
    }
    return k;
}

static void verify(int log, struct op pending)
{
    if (compare(ROOT, 0) == 0) {
        must(pending.kind == NOTHING || write(log, "N", 1) == 1, "write", "log");
        return;
    }
    char before[sizeof difference];
    strcpy(before, difference);
    int cut = pending.kind != NOTHING;
    apply(pending);
    if (cut && compare(ROOT, 0) == 0) {
        must(write(log, "A", 1) == 1, "write", "log");
        return;
    }
    printf("as if not done: %s\n", before);
    if (cut)
        printf("as if done (kind %d): %s\n", pending.kind, difference);
    exit(1);
}

int main(int argc, char **argv)
{
    umask(022);
    own_uid = geteuid();
    lower_uid = argc > 6 ? (uint32_t)atoi(argv[6]) : own_uid;
    must(chdir(argv[2]) == 0, "chdir", argv[2]);
    start(strtoull(argv[3], 0, 10), atoi(argv[4]));
    if (!strcmp(argv[1], "make"))
        return make(), 0;
    if (!strcmp(argv[1], "lower") || !strcmp(argv[1], "files")) {
        int bad = argv[1][0] == 'l' ? compare(ROOT, 1) : whole(".");
        return bad ? puts(difference), 1 : 0;
    }
    int log = open(argv[5], O_RDWR | O_APPEND | O_CREAT, 0666);
    must(log >= 0, "open", argv[5]);
    struct op pending;
    int k = replay(log, &pending);
    verify(log, pending);
    int touched = 0;
    for (int i = 0; i < count; i++)
        touched += nodes[i].touched && !nodes[i].directory && nodes[i].id < (uint32_t)files_below;
    printf("ready after %d operations, %d files copied up\n", k, touched);
    fflush(stdout);
    while (argv[1][0] == 'r') {
        struct op op = decide(k++);
        if (op.kind == NOTHING) {
            must(write(log, "B", 1) == 1 && write(log, "N", 1) == 1, "write", "log");
            continue;
        }
        must(write(log, "B", 1) == 1, "write", "log");
        perform(op);
        must(write(log, "E", 1) == 1, "write", "log");
        apply(op);
    }
    return 0;
}
