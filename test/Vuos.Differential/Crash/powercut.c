/* Writes files, or blocks of a device, with fsync until something is killed, and knows afterwards what must be there.
 *   powercut run PLACE LOG SEED     goes on where LOG ends, until it is killed or a call fails
 *   powercut check PLACE LOG SEED   compares with what LOG says
 * With a fifth argument, "repaired": by e2fsck, which may have removed a file whose size was being changed, or taken blocks away from it, so that zeros are read there.
 * PLACE is a directory, or a device. LOG lies elsewhere and has a record before each change (B) and one after its fsync (E). A change gives one file (one stretch of the device) its next version: what was
 * acknowledged must be there until the next change of the same file begins; from then on each of its bytes is of the old version or the new one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 24, MOST = 96 * 1024 };
struct record { char letter, slot; uint16_t version; };

static const char *place;
static uint64_t seed;
static int device, repaired;
static unsigned version[SLOTS], pending[SLOTS]; /* acknowledged; begun and not acknowledged, or 0 */
static unsigned char older[MOST], newer[MOST], found[MOST + 1];

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Versions grow and shrink; version 0: there is no file. */
static long size_of(int slot, unsigned v) { return v == 0 ? 0 : device ? MOST : (long)(mix(seed * 31 + slot * 1009 + v) % MOST) + 1; }

static void fill(unsigned char *to, int slot, unsigned v)
{
    for (long i = 0, n = size_of(slot, v); i < n; i++)
        to[i] = v == 0 ? 0 : (unsigned char)(slot * 53 + v * 31 + i * 7 + (i >> 8));
}

static char *name_of(int slot)
{
    static char name[4200];
    snprintf(name, sizeof name, device ? "%s" : "%s/file%d", place, slot);
    return name;
}

static void fails(const char *what, int slot)
{
    printf("slot %d, version %u, begun %u: %s: %s\n", slot, version[slot], pending[slot], what, strerror(errno));
    exit(1);
}

static void replay(int log)
{
    struct record r;
    while (read(log, &r, sizeof r) == sizeof r) {
        pending[(int)r.slot] = r.letter == 'B' ? r.version : 0;
        if (r.letter == 'E')
            version[(int)r.slot] = r.version;
    }
}

static long load(int slot)
{
    int fd = open(name_of(slot), O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? -1 : (fails("open", slot), -1);
    long n = pread(fd, found, device ? MOST : sizeof found, device ? (long)slot * MOST : 0);
    if (n < 0)
        fails("read", slot);
    close(fd);
    return n;
}

static void check(int slot)
{
    long n = load(slot), old = size_of(slot, version[slot]), new = pending[slot] ? size_of(slot, pending[slot]) : old;
    errno = 0;
    if (version[slot] == 0 && (n < 0 || device))
        return;
    int cut = repaired && old != new;
    if (n < 0 && cut)
        return;
    if (n < 0)
        fails("lost", slot);
    memset(older, 0, MOST), memset(newer, 0, MOST);
    fill(older, slot, version[slot]);
    fill(newer, slot, pending[slot] ? pending[slot] : version[slot]);
    if (n < (old < new ? old : new) || n > (old > new ? old : new))
        fails("size", slot);
    /* What lies behind the acknowledged end is nobody's promise. */
    for (long i = 0; i < n && i < old; i++) {
        if (found[i] != newer[i] && found[i] != older[i] && !(cut && found[i] == 0)) {
            printf("at %ld of %ld: %02x, old %02x (of %ld), new %02x (of %ld)\n", i, n, found[i], older[i], old, newer[i], new);
            fails("content", slot);
        }
    }
}

static void write_one(int slot, unsigned v, uint64_t how)
{
    long n = size_of(slot, v), at = device ? (long)slot * MOST : 0;
    int fd = open(name_of(slot), device ? O_RDWR : O_RDWR | O_CREAT, 0644);
    fill(newer, slot, v);
    int good = fd >= 0;
    for (long done = 0, step = how & 1 ? MOST : 5000; good && done < n; done += step)
        good = pwrite(fd, newer + done, done + step < n ? step : n - done, at + done) > 0;
    good = good && (device || ftruncate(fd, n) == 0) && (how & 2 ? fsync(fd) : fdatasync(fd)) == 0;
    if (!good) {
        /* The server was killed. */
        printf("ended by: %s\n", strerror(errno));
        exit(0);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    place = argv[2], seed = strtoull(argv[4], NULL, 10), repaired = argc > 5;
    struct stat st;
    if (stat(place, &st) != 0)
        return perror(place), 3;
    device = !S_ISDIR(st.st_mode);
    int log = open(argv[3], O_RDWR | O_APPEND);
    if (log < 0)
        return perror(argv[3]), 3;
    replay(log);
    for (int slot = 0; slot < SLOTS; slot++)
        check(slot);
    long changes = lseek(log, 0, SEEK_END) / (long)sizeof(struct record);
    printf("ready, %ld records\n", changes);
    fflush(stdout);
    for (uint64_t draw = mix(seed + changes); argv[1][0] == 'r'; draw = mix(draw)) {
        int slot = draw % SLOTS;
        /* One that was cut off begins anew with the same number: what it left is of that version or the one before. */
        unsigned v = version[slot] + 1;
        struct record r = { 'B', (char)slot, (uint16_t)v };
        if (write(log, &r, sizeof r) != sizeof r)
            return perror("log"), 3;
        write_one(slot, v, draw >> 32);
        r.letter = 'E';
        if (write(log, &r, sizeof r) != sizeof r)
            return perror("log"), 3;
        version[slot] = v, pending[slot] = 0;
    }
    return 0;
}
