"""Runs a FUSE server on a mount of the kernel's, in a mount namespace of its own (unshare -m), uses it and ends it.

server.py TARGET ACTION... -- COMMAND...

ACTION: list | read NAME | write NAME | append NAME | kill (SIGTERM, else unmounted). Prints a line for each action, then how the server ended and what it said.
"""
import os
import select
import signal
import subprocess
import sys
import tempfile

target = sys.argv[1]
split = sys.argv.index("--")
actions, command = sys.argv[2:split], sys.argv[split + 1:]


def mounted():
    with open("/proc/self/mounts") as mounts:
        return any(line.split()[1] == target for line in mounts)


def wait_for_mount(server, limit=30_000):
    """The kernel tells changes of the mounts as POLLPRI, and the end of a process on its pidfd."""
    with open("/proc/self/mounts") as mounts:
        events = select.poll()
        events.register(mounts, select.POLLPRI | select.POLLERR)
        pidfd = os.pidfd_open(server.pid)
        events.register(pidfd, select.POLLIN)
        while not mounted():
            for fd, _ in events.poll(limit) or [(None, 0)]:
                if fd is None:
                    sys.exit("the server does not mount")
                if fd == pidfd and server.wait() != 0:
                    return False
                if fd == pidfd:
                    events.unregister(pidfd)  # it went into the background
        return True


def act(words):
    path = os.path.join(target, words[1]) if len(words) > 1 else target
    try:
        if words[0] == "list":
            return " ".join(sorted(n for n in os.listdir(path) if n != "lost+found"))
        if words[0] == "read":
            with open(path) as file:
                return file.read().strip()
        with open(path, "w" if words[0] == "write" else "a") as file:
            file.write(words[0] + "\n")
            file.flush()
            os.fsync(file.fileno())
        return "done"
    except OSError as e:
        return os.strerror(e.errno)


with tempfile.TemporaryFile("w+") as said:
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    if wait_for_mount(server):
        for action in actions:
            if action != "kill":
                print(action + ": " + act(action.split(" ", 1)))
        if "kill" in actions:
            print("foreground: %s" % (server.poll() is None))
            server.send_signal(signal.SIGTERM)
        else:
            subprocess.run(["umount", target], check=True)
        server.wait()
        print("mounted: %s" % mounted())
    print("status: %d" % server.returncode)
    said.seek(0)
    print(said.read())
