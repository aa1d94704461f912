"""What the kernel makes of paths: one JSON request a line, one JSON answer a line. Each request is served in a child with a mount namespace of its own:
binds are mounted, the base directory is opened, the root is changed, and every path is opened with O_PATH."""
import ctypes
import json
import os
import sys

MS_BIND, MS_REC, CLONE_NEWNS = 4096, 16384, 0x20000
libc = ctypes.CDLL(None, use_errno=True)


def bind(tree, source, target):
    # Links may lead out of the tree; what lies there is nobody's to cover.
    if not os.path.realpath(target).startswith(tree + "/"):
        return 1
    return 0 if libc.mount(source.encode(), target.encode(), None, MS_BIND | MS_REC, None) == 0 else ctypes.get_errno()


def look(base, names, path, follow):
    try:
        fd = os.open(path, os.O_PATH | (0 if follow else os.O_NOFOLLOW), dir_fd=base)
    except OSError as error:
        return [error.errno, 0, 0, ""]
    seen = os.stat(fd)
    name = os.readlink(str(fd), dir_fd=names)
    os.close(fd)
    return [0, seen.st_dev, seen.st_ino, name]


def serve(request):
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    answer = {"binds": [bind(request["tree"], source, target) for source, target in request["binds"]]}
    names = os.open("/proc/self/fd", os.O_RDONLY)
    try:
        base = os.open(request["base"], os.O_PATH | os.O_DIRECTORY)
    except OSError:
        base = os.open("/", os.O_PATH | os.O_DIRECTORY)
        answer["noBase"] = True
    if request["root"]:
        try:
            os.chroot(request["root"])
        except OSError:
            answer["noRoot"] = True
    answer["results"] = [look(base, names, path, follow) for path, follow in request["queries"]]
    return answer


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            print(json.dumps(serve(json.loads(line))), flush=True)
        except OSError as error:
            print(json.dumps({"error": str(error)}), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
