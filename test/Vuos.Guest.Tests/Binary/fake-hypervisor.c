// A hypervisor just big enough for the guest commands: seccomp notifications on the control calls, mount and umount2.
// usage: fake-hypervisor COMMAND [ARGUMENT]...   Mounts are printed on stdout; source "bad" fails with ENODEV.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BASE 0x36757500
enum { FIELD = 65 };

static void read_text(pid_t pid, unsigned long address, char *text, size_t size)
{
    // One byte at a time: the text may end just before an unmapped page.
    for (size_t i = 0; i < size; i++) {
        struct iovec mine = {text + i, 1}, theirs = {(void *)(address + i), 1};
        if (process_vm_readv(pid, &mine, 1, &theirs, 1, 0) != 1 || text[i] == 0) {
            text[i] = 0;
            return;
        }
    }
    text[size - 1] = 0;
}

static long answer(pid_t pid, const char *text, size_t length, unsigned long address, size_t room)
{
    if (length <= room) {
        struct iovec mine = {(void *)text, length}, theirs = {(void *)address, length};
        if (process_vm_writev(pid, &mine, 1, &theirs, 1, 0) != (ssize_t)length)
            return -EFAULT;
    }
    return (long)length;
}

static long vuctl(pid_t pid, const unsigned long long *a)
{
    static char view[FIELD];
    const char *const names[] = {"Linux", "fake", "1.2", "#1", "x86_64", "(none)", "4711", view};
    const char sentence[] = "no module claims this";
    char info[8 * FIELD] = "";
    switch (a[0]) {
    case 1:
        for (int i = 0; i < 8; i++)
            strcpy(info + i * FIELD, names[i]);
        return a[1] == 0 ? 0 : answer(pid, info, sizeof info, a[1], sizeof info) < 0 ? -EFAULT : 0;
    case 2:
        read_text(pid, a[1], view, sizeof view);
        return 0;
    case 8:
        return answer(pid, sentence, sizeof sentence, a[1], a[2]) < 0 ? -EFAULT : (long)sizeof sentence - 1;
    default:
        return -EINVAL;
    }
}

static long serve(const struct seccomp_notif *request)
{
    const char list[] = "vufs: vu filesystem patchworking\n";
    const unsigned long long *a = request->data.args;
    pid_t pid = request->pid;
    char t[5][256];
    switch (request->data.nr) {
    case BASE + 1:
        read_text(pid, a[0], t[0], sizeof t[0]);
        return strcmp(t[0], "vufs") == 0 ? 0 : -ENOENT;
    case BASE + 3:
        return answer(pid, list, sizeof list - 1, a[0], a[1]);
    case BASE + 4:
        return vuctl(pid, a);
    case SYS_mount:
        read_text(pid, a[0], t[0], sizeof t[0]);
        read_text(pid, a[1], t[1], sizeof t[1]);
        read_text(pid, a[2], t[2], sizeof t[2]);
        read_text(pid, a[4], t[4], sizeof t[4]);
        printf("mount '%s' '%s' '%s' %#llx '%s'\n", t[0], t[1], t[2], a[3], t[4]);
        return strcmp(t[0], "bad") == 0 ? -ENODEV : 0;
    case SYS_umount2:
        read_text(pid, a[0], t[0], sizeof t[0]);
        printf("umount2 '%s' %#llx\n", t[0], a[1]);
        return 0;
    default:
        return -ENOSYS;
    }
}

int main(int argc, char **argv)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_umount2, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, BASE, 0, 1),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, BASE + 16, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return 125;
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (listener < 0) {
        perror("seccomp");
        return 125;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    for (;;) {
        // POLLHUP: the last process under the filter but this one cannot be told apart, so the child's end is watched as well.
        struct pollfd poller = {listener, POLLIN, 0};
        int status;
        if (poll(&poller, 1, 10) == 0 && waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        struct seccomp_notif request = {0};
        if ((poller.revents & POLLIN) == 0 || ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0)
            continue;
        struct seccomp_notif_resp response = {.id = request.id};
        long result = serve(&request);
        response.error = result < 0 ? (int)result : 0;
        response.val = result < 0 ? 0 : result;
        fflush(stdout);
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
    }
}
