/* One file, a model of it in memory, and what is said when they differ. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, KEPT = 30 };

static const char *path, *backing;
static long backing_at;
static unsigned char *model, *found;
static uint32_t *touched; /* by byte: the last operation that changed it */
static long size, most;
static uint64_t seed, state;
static unsigned operation;
static char history[KEPT][200];

static uint32_t draw(uint32_t limit)
{
    state += 0x9e3779b97f4a7c15u;
    uint64_t x = state;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ x >> 31) % limit);
}

static void note(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = snprintf(history[operation % KEPT], sizeof *history, "%u: ", operation);
    vsnprintf(history[operation % KEPT] + n, sizeof *history - n, format, list);
    va_end(list);
}

static void fail(const char *format, ...)
{
    int error = errno;
    va_list list;
    va_start(list, format);
    printf("FAILED, seed %lu, operation %u: ", seed, operation);
    vprintf(format, list);
    printf(" (size %ld, errno %s)\n", size, error ? strerror(error) : "0");
    va_end(list);
    for (unsigned i = operation >= KEPT ? operation - KEPT + 1 : 0; i <= operation; i++)
        printf("  %s\n", history[i % KEPT]);
    exit(1);
}

static void must(int ok, const char *what)
{
    if (!ok)
        fail("%s", what);
}

static void same(const unsigned char *data, long at, long length, const char *what)
{
    if (memcmp(data, model + at, length) == 0)
        return;
    long begin = 0, end = length;
    while (data[begin] == model[at + begin])
        begin++;
    while (data[end - 1] == model[at + end - 1])
        end--;
    errno = 0;
    fail("%s: %ld to %ld differ, %02x instead of %02x at the first, which operation %u changed last", what, at + begin, at + end, data[begin], model[at + begin], touched[at + begin]);
}

static void file_is_the_model(int fd, long from, long length, const char *what)
{
    struct stat st;
    must(fstat(fd, &st) == 0, what);
    if (from == 0 && S_ISREG(st.st_mode) && st.st_size != length) {
        errno = 0;
        fail("%s: %ld bytes", what, (long)st.st_size);
    }
    long n = pread(fd, found, length, from);
    if (n != length)
        fail("%s: pread gives %ld of %ld bytes", what, n, length);
    same(found, 0, length, what);
}

/* What an fsync or close has promised: the file system has it. */
static void backing_is_the_model(const char *what)
{
    if (strcmp(backing, "-") == 0)
        return;
    char text[200];
    snprintf(text, sizeof text, "the file behind, after %s", what);
    int fd = open(backing, O_RDONLY);
    must(fd >= 0, text);
    file_is_the_model(fd, backing_at, size, text);
    close(fd);
}

/* The model's side of a write: a gap before it is zeros. */
static void model_write(long at, const unsigned char *data, long length)
{
    if (at > size) {
        memset(model + size, 0, at - size);
        for (long i = size; i < at; i++)
            touched[i] = operation;
    }
    memcpy(model + at, data, length);
    for (long i = at; i < at + length; i++)
        touched[i] = operation;
    size = at + length > size ? at + length : size;
}

static void model_zero(long at, long length)
{
    for (long i = at; i < at + length && i < size; i++)
        model[i] = 0, touched[i] = operation;
}

static void model_size(long new_size)
{
    long old = size;
    size = new_size;
    model_zero(old, new_size - old);
}
