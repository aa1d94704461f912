// What is done to files in a copy-on-write layer or a served image, and the time of it; no program that is started is in the number.
//   upon append DIR N     opens, appends a line to and closes each of DIR/0/0 .. (N files, 50 in a directory)
//   upon first FILE       changes the first byte of FILE
//   upon stream FILE MB   makes FILE; then writes MB megabytes into it and reads them again, ten times, through one descriptor:
//                         longer than a hypervisor takes to start up behind its first guest
//   upon read FILE        reads FILE, 64 KiB at a time; opening it is part of that
//   upon again FILE       reads FILE once, and then ten times more, which alone are timed
//   upon mapped FILE      the same through a mapping
//   upon random FILE N    reads N times 4 KiB anywhere in FILE; opening it is part of that
//   upon write FILE MB    makes FILE, writes MB megabytes and ends with fsync
// Each prints "ns NUMBER".
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "timing.h"

static int opened(const char *path, int flags)
{
    int fd = open(path, flags, 0666);
    if (fd < 0)
        die(path);
    return fd;
}

static void append(const char *directory, int files)
{
    static const char line[] = "one more line\n";
    char path[4096];
    for (int i = 0; i < files; i++) {
        snprintf(path, sizeof path, "%s/%d/%d", directory, i / 50, i % 50);
        int fd = opened(path, O_WRONLY | O_APPEND);
        if (write(fd, line, sizeof line - 1) != sizeof line - 1)
            die(path);
        close(fd);
    }
}

static void first(const char *path)
{
    int fd = opened(path, O_RDWR);
    if (pwrite(fd, "!", 1, 0) != 1)
        die(path);
    close(fd);
}

static void stream(int fd, int megabytes)
{
    static char block[1 << 16];
    if (lseek(fd, 0, SEEK_SET) < 0)
        die("lseek");
    for (int i = 0; i < megabytes * 16; i++)
        if (write(fd, block, sizeof block) != sizeof block)
            die("write");
    if (lseek(fd, 0, SEEK_SET) < 0)
        die("lseek");
    for (int i = 0; i < megabytes * 16; i++)
        if (read(fd, block, sizeof block) != sizeof block)
            die("read");
}

static long size_of(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        die("fstat");
    return st.st_size;
}

static void read_all(int fd)
{
    static char block[1 << 16];
    for (long at = 0, size = size_of(fd), n; at < size; at += n)
        if ((n = pread(fd, block, sizeof block, at)) <= 0)
            die("read");
}

static long sum(const char *mapped, long size)
{
    long all = 0;
    for (long at = 0; at < size; at += sizeof(long))
        all += *(const long *)(mapped + at);
    return all;
}

static void map_again(int fd, int64_t *start)
{
    long size = size_of(fd) / (long)sizeof(long) * (long)sizeof(long);
    char *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        die("mmap");
    volatile long once = sum(mapped, size);
    *start = now();
    for (int i = 0; i < 10; i++)
        if (sum(mapped, size) != once)
            die("another content");
}

static void read_at_random(int fd, int reads)
{
    static char block[4096];
    uint64_t draw = 1;
    for (long pages = size_of(fd) / 4096; reads > 0; reads--) {
        draw = draw * 6364136223846793005u + 1442695040888963407u;
        if (pread(fd, block, sizeof block, (long)((draw >> 33) % pages) * 4096) != sizeof block)
            die("read");
    }
}

static void write_all(int fd, int megabytes)
{
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < megabytes * 16; i++) {
        memcpy(block, &i, sizeof i);
        if (write(fd, block, sizeof block) != sizeof block)
            die("write");
    }
    if (fsync(fd) != 0)
        die("fsync");
}

int main(int argc, char **argv)
{
    int64_t start;
    if (argc == 4 && !strcmp(argv[1], "append")) {
        start = now();
        append(argv[2], atoi(argv[3]));
    } else if (argc == 3 && !strcmp(argv[1], "first")) {
        start = now();
        first(argv[2]);
    } else if (argc == 4 && !strcmp(argv[1], "stream")) {
        int fd = opened(argv[2], O_RDWR | O_CREAT | O_EXCL);
        start = now();
        for (int i = 0; i < 10; i++)
            stream(fd, atoi(argv[3]));
    } else if (argc == 3 && !strcmp(argv[1], "read")) {
        start = now();
        read_all(opened(argv[2], O_RDONLY));
    } else if (argc == 3 && !strcmp(argv[1], "again")) {
        int fd = opened(argv[2], O_RDONLY);
        read_all(fd);
        start = now();
        for (int i = 0; i < 10; i++)
            read_all(fd);
    } else if (argc == 3 && !strcmp(argv[1], "mapped")) {
        map_again(opened(argv[2], O_RDONLY), &start);
    } else if (argc == 4 && !strcmp(argv[1], "random")) {
        start = now();
        read_at_random(opened(argv[2], O_RDONLY), atoi(argv[3]));
    } else if (argc == 4 && !strcmp(argv[1], "write")) {
        start = now();
        write_all(opened(argv[2], O_WRONLY | O_CREAT | O_EXCL), atoi(argv[3]));
    } else {
        fputs("upon: see the head of upon.c\n", stderr);
        return 2;
    }
    printf("ns %lld\n", (long long)(now() - start));
    return 0;
}
