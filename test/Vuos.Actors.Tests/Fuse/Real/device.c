/*
 * Preloaded into a FUSE server under test (gcc -shared -fPIC). What the kernel has as /dev/fuse is descriptor 63 of the server, a copy of descriptor VUOS_FUSE_FD of
 * process VUOS_FUSE_PID (the test), so nothing need be inherited. Libraries that mount by themselves (libfuse 2 and its relatives) open /dev/fuse and call mount(2):
 * they get that descriptor, and success. libfuse 3 is told to use /dev/fd/63.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEVICE = 63 };

__attribute__((constructor)) static void take_device(void)
{
    const char *pid = getenv("VUOS_FUSE_PID"), *fd = getenv("VUOS_FUSE_FD");
    if (!pid || !fd)
        return;
    int process = syscall(SYS_pidfd_open, atoi(pid), 0);
    int device = syscall(SYS_pidfd_getfd, process, atoi(fd), 0);
    if (device < 0 || dup3(device, DEVICE, O_CLOEXEC) < 0) {
        perror("device.c: no descriptor");
        _exit(99);
    }
    close(device);
    close(process);
    /* Programs that the server starts are not servers. */
    unsetenv("VUOS_FUSE_PID");
    unsetenv("LD_PRELOAD");
}

static int opened(const char *path, int flags, mode_t mode)
{
    if (strcmp(path, "/dev/fuse") == 0)
        return DEVICE;
    return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return opened(path, flags, mode); \
    }

OPEN(open)
OPEN(open64)

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)
{
    (void)source, (void)target, (void)type, (void)flags;
    const char *trace = getenv("VUOS_FUSE_MOUNT");
    if (trace) {
        FILE *file = fopen(trace, "w");
        if (file) {
            fprintf(file, "%s", data ? (const char *)data : "");
            fclose(file);
        }
    }
    return 0;
}

int umount2(const char *target, int flags)
{
    (void)target, (void)flags;
    return 0;
}

int umount(const char *target)
{
    return umount2(target, 0);
}
