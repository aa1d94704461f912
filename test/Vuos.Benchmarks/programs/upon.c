// What is done to files in a copy-on-write layer, and the time of it; no program that is started is in the number.
//   upon append DIR N     opens, appends a line to and closes each of DIR/0/0 .. (N files, 50 in a directory)
//   upon first FILE       changes the first byte of FILE
//   upon stream FILE MB   makes FILE; then writes MB megabytes into it and reads them again, ten times, through one descriptor:
//                         longer than a hypervisor takes to start up behind its first guest
// Each prints "ns NUMBER".
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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
    } else {
        fputs("upon: see the head of upon.c\n", stderr);
        return 2;
    }
    printf("ns %lld\n", (long long)(now() - start));
    return 0;
}
