/* Random operations on one file; after each, what they show must be what a model in memory says.
 *   fsx FILE MODEL BACKING OFFSET SEED MILLISECONDS MOST [fixed|direct]
 * MODEL gets the model at the end. BACKING: where the file's content is to be found, OFFSET bytes from its beginning, after an fsync or close; "-": nowhere.
 * MOST is the greatest size of the file; fixed: that is its size always (a device).
 * direct: it is opened for direct I/O, so it is not mapped.
 * fallocate and mmap may be refused as not supported; copy_file_range may be refused as cp(1) knows it, which then copies itself. */
#include "fsx.h"
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

static int fixed, direct, file = -1, appender = -1, reader = -1;
static unsigned char *kept, *data;
static long kept_at, kept_length;

static long place(long limit)
{
    if (limit <= 0)
        return 0;
    long at = draw(limit), kind = draw(5);
    if (kind >= 3)
        at = at / PAGE * PAGE;
    if (kind == 4)
        at += (long)draw(3) - 1;
    if (kind == 2)
        at = size - 10 + draw(20);
    return at < 0 ? 0 : at >= limit ? limit - 1 : at;
}

static long extent(long room)
{
    long kind = draw(8), length = 1 + draw(kind < 4 ? 3000 : kind < 7 ? 20000 : 150000);
    if (kind == 1 || kind == 5)
        length = (length + PAGE - 1) / PAGE * PAGE;
    return length > room ? room : length;
}

static void make_data(long at, long length)
{
    uint32_t kind = draw(10), salt = draw(1 << 30);
    for (long i = 0; i < length; i++)
        data[i] = kind == 0 ? 0 : kind == 1 && at + i < size ? model[at + i] : (unsigned char)(salt * 31 + i * 7 + (i >> 8) * (salt & 15));
}

static void drop_mapping(void)
{
    if (kept)
        munmap(kept, kept_length);
    kept = NULL;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        must(close(*fd) == 0, "close");
    *fd = -1;
}

static void close_all(int unmap)
{
    close_one(&reader);
    if (draw(2))
        close_one(&appender);
    close_one(&file);
    close_one(&appender);
    if (unmap)
        drop_mapping();
}

static void open_file(int flags)
{
    file = open(path, O_RDWR | flags, 0644);
    must(file >= 0, "open");
}

static void do_pwrite(int fd, const char *what)
{
    long at = place(most), length = extent(most - at);
    make_data(at, length);
    note("%s %ld, %ld bytes", what, at, length);
    must(pwrite(fd, data, length, at) == length, what);
    model_write(at, data, length);
}

static void do_pread(void)
{
    long at = place(most), length = extent(most - at), there = at >= size ? 0 : at + length > size ? size - at : length;
    int fd = reader >= 0 && draw(2) ? reader : file;
    note("pread %ld, %ld bytes%s", at, length, fd == reader ? " (reader)" : "");
    long n = pread(fd, found, length, at);
    if (n != there)
        fail("pread gives %ld, not %ld", n, there);
    same(found, at, there, "pread");
}

static void do_positioned(void)
{
    long at = place(most), length = extent(most - at), half = length / 2;
    must(lseek(file, at, SEEK_SET) == at, "lseek");
    make_data(at, length);
    struct iovec parts[2] = { { data, half }, { data + half, length - half } };
    note("writev %ld, %ld bytes", at, length);
    must(writev(file, parts, 2) == length, "writev");
    model_write(at, data, length);
    must(lseek(file, 0, SEEK_CUR) == at + length, "position after writev");
    must(lseek(file, at, SEEK_SET) == at && read(file, found, length) == length, "read");
    same(found, at, length, "read");
}

static void do_append(void)
{
    if (appender < 0)
        appender = open(path, O_WRONLY | O_APPEND);
    must(appender >= 0, "open to append");
    long length = extent(most - size);
    make_data(size, length);
    note("append %ld bytes at %ld", length, size);
    must(write(appender, data, length) == length, "append");
    model_write(size, data, length);
}

static void do_truncate(void)
{
    long to = draw(6) == 0 ? 0 : place(most);
    int by_name = draw(2);
    note("%s to %ld", by_name ? "truncate" : "ftruncate", to);
    must((by_name ? truncate(path, to) : ftruncate(file, to)) == 0, "truncate");
    model_size(to);
}

static void do_fallocate(void)
{
    static const int modes[] = { 0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE };
    int mode = modes[draw(5)];
    long at = place(most), length = extent(most - at);
    if (direct && mode & FALLOC_FL_PUNCH_HOLE) {
        /* Whole blocks: fuse2fs (e2fsprogs 1.47.0) may leave the part of a block that a hole begins in as it was, also when the kernel mounts it. Where there is a page cache that does not show. */
        length = (at + length) / 4096 * 4096 - (at + 4095) / 4096 * 4096;
        at = (at + 4095) / 4096 * 4096;
        if (length <= 0)
            return;
    }
    note("fallocate mode %d, %ld, %ld bytes", mode, at, length);
    if (fallocate(file, mode, at, length) != 0) {
        /* fuse2fs does not zero beyond the end, and says so with EINVAL. */
        must(errno == EOPNOTSUPP || (errno == EINVAL && mode & FALLOC_FL_ZERO_RANGE), "fallocate");
        note("fallocate mode %d: not supported", mode);
        return;
    }
    if (!(mode & FALLOC_FL_KEEP_SIZE) && at + length > size)
        model_size(at + length);
    if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
        model_zero(at, length);
}

static unsigned char *map(long at, long length, int protection, int flags)
{
    unsigned char *mapped = mmap(NULL, length, protection, flags, file, at);
    if (mapped == MAP_FAILED) {
        must(fixed && errno == ENODEV, "mmap");
        return NULL;
    }
    return mapped;
}

static void do_map(void)
{
    if (size == 0)
        return;
    long at = draw((uint32_t)size) / PAGE * PAGE, length = extent(size - at), kind = draw(4), from = draw((uint32_t)length), n = extent(length - from);
    static const char *const kinds[] = { "write", "write+msync", "read", "write privately" };
    note("map to %s %ld, %ld bytes; in it %ld, %ld", kinds[kind], at, length, at + from, n);
    unsigned char *mapped = map(at, length, kind == 2 ? PROT_READ : PROT_READ | PROT_WRITE, kind == 3 ? MAP_PRIVATE : MAP_SHARED);
    if (!mapped)
        return;
    if (kind >= 2)
        same(mapped, at, length, "mapping");
    if (kind != 2) {
        make_data(at + from, n);
        memcpy(mapped + from, data, n);
    }
    if (kind < 2)
        model_write(at + from, data, n);
    if (kind == 1)
        must(msync(mapped, length, MS_SYNC) == 0, "msync");
    must(munmap(mapped, length) == 0, "munmap");
}

static void do_kept_mapping(void)
{
    if (kept && draw(4) == 0) {
        note("unmap what was kept");
        drop_mapping();
    } else if (!kept && size > 0) {
        kept_at = draw((uint32_t)size) / PAGE * PAGE;
        kept_length = extent(size - kept_at);
        note("map to keep %ld, %ld bytes", kept_at, kept_length);
        kept = map(kept_at, kept_length, PROT_READ | PROT_WRITE, MAP_SHARED);
    }
    long end = kept_at + kept_length < size ? kept_at + kept_length : size;
    if (!kept || end <= kept_at)
        return;
    long at = kept_at + draw((uint32_t)(end - kept_at)), n = extent(end - at);
    same(kept, kept_at, end - kept_at, "kept mapping");
    make_data(at, n);
    note("write in the mapping of %ld, %ld bytes: %ld, %ld", kept_at, kept_length, at, n);
    memcpy(kept + (at - kept_at), data, n);
    model_write(at, data, n);
}

static void do_sync(void)
{
    int fd = reader >= 0 && draw(4) == 0 ? reader : file, kind = draw(2);
    note(kind ? "fsync" : "fdatasync");
    must((kind ? fsync(fd) : fdatasync(fd)) == 0, "fsync");
    backing_is_the_model("fsync");
}

static void do_reopen(void)
{
    int cuts = !fixed && draw(12) == 0, keeps = draw(3) == 0;
    note("close%s, open%s", keeps ? " (the mapping stays)" : "", cuts ? " with O_TRUNC" : "");
    close_all(!keeps);
    /* What a mapping writes is no close's to tell; but nothing was written since the last one. */
    backing_is_the_model("close");
    open_file(cuts ? O_TRUNC : 0);
    if (cuts)
        model_size(0);
}

static void do_copy(void)
{
    if (size < 2)
        return;
    long from = place(size), length = extent(size - from), to = place(most - length);
    if (to < from + length && from < to + length)
        length = from < to ? to - from : from - to;
    if (length == 0)
        return;
    loff_t in = from, out = to;
    note("copy_file_range %ld to %ld, %ld bytes", from, to, length);
    long n = copy_file_range(file, &in, file, &out, length, 0);
    if (n < 0) {
        must(errno == EINVAL || errno == EOPNOTSUPP || errno == EXDEV || errno == ENOSYS, "copy_file_range");
        note("copy by hand %ld to %ld, %ld bytes", from, to, length);
        must(pread(file, data, length, from) == length && pwrite(file, data, length, to) == length, "copy");
        n = length;
    }
    must(n > 0, "copy_file_range");
    memcpy(data, model + from, n);
    model_write(to, data, n);
}

static void do_child(void)
{
    long at = place(most), length = extent(most - at);
    int closes = draw(2);
    make_data(at, length);
    note("a child writes %ld, %ld bytes, and %s", at, length, closes ? "closes" : "exits");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        int fd = open(path, O_RDWR), bad = fd < 0 || pwrite(fd, data, length, at) != length;
        if (closes)
            bad |= close(fd) != 0;
        _exit(bad);
    }
    int status;
    must(waitpid(pid, &status, 0) == pid && status == 0, "child");
    model_write(at, data, length);
    backing_is_the_model("the child");
}

/* What is said to be a hole must be zeros: who copies (cp, tar) leaves it out. */
static void do_holes(void)
{
    long at = 0;
    note("lseek SEEK_DATA and SEEK_HOLE");
    while (at < size) {
        long begin = lseek(file, at, SEEK_DATA), end = begin < 0 ? size : begin;
        must(begin >= 0 || errno == ENXIO, "SEEK_DATA");
        memset(found, 0, end - at);
        same(found, at, end - at, "a hole");
        if (begin < 0)
            return;
        at = lseek(file, begin, SEEK_HOLE);
        must(at > begin && at <= size, "SEEK_HOLE");
    }
}

static void do_reader(void)
{
    note(reader < 0 ? "open a reader" : "close the reader");
    if (reader >= 0)
        close_one(&reader);
    else
        must((reader = open(path, O_RDONLY)) >= 0, "open to read");
}

static void check_size(void)
{
    struct stat by_fd, by_name;
    must(fstat(file, &by_fd) == 0 && stat(path, &by_name) == 0, "stat");
    errno = 0;
    if (by_fd.st_size != size || by_name.st_size != size)
        fail("fstat says %ld bytes, stat %ld", (long)by_fd.st_size, (long)by_name.st_size);
}

static void step(void)
{
    uint32_t kind = draw(fixed ? 10 : 26);
    if (direct && kind >= 16 && kind <= 20)
        kind -= 14;
    note("nothing");
    switch (kind) {
    case 0: case 1: do_pwrite(file, "pwrite"); break;
    case 2: case 3: case 4: do_pread(); break;
    case 5: do_sync(); break;
    case 6: do_positioned(); break;
    case 7: do_reopen(); break;
    case 8: if (draw(4) == 0) do_child(); else do_reader(); break;
    case 9: do_copy(); break;
    case 10: case 11: case 12: do_truncate(); break;
    case 13: case 14: case 15: do_fallocate(); break;
    case 16: case 17: do_map(); break;
    case 18: case 19: case 20: do_kept_mapping(); break;
    case 21: do_append(); break;
    case 22: do_holes(); break;
    default: do_pwrite(file, "pwrite"); break;
    }
    if (!fixed)
        check_size();
    if (draw(16) == 0)
        file_is_the_model(file, 0, size, "the whole file");
}

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    if (argc < 8)
        return 2;
    path = argv[1], backing = argv[3], backing_at = atol(argv[4]), seed = strtoull(argv[5], NULL, 10), most = atol(argv[7]), fixed = argc > 8 && strcmp(argv[8], "fixed") == 0, direct = argc > 8 && !fixed;
    state = seed * 1000003;
    long end = now() + atol(argv[6]);
    model = calloc(1, most), found = malloc(most), data = malloc(most), touched = calloc(most, sizeof *touched);
    open_file(fixed ? 0 : O_CREAT | O_EXCL);
    if (fixed) {
        size = most;
        must(pwrite(file, model, most, 0) == most, "the first write");
    }
    for (operation = 1; now() < end; operation++)
        step();
    note("the end");
    file_is_the_model(file, 0, size, "the whole file");
    close_all(1);
    backing_is_the_model("the last close");
    file = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    must(file >= 0 && write(file, model, size) == size && close(file) == 0, "the model");
    printf("%u operations\n", operation);
    return 0;
}
