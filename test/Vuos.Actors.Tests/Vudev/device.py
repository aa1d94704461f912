"""Does to a device of the kernel's what a script on standard input says, one operation a line, and tells result, error and output of each.

o SLOT PART FLAGS | c SLOT | i SLOT REQUEST INPUT-HEX OUTPUT-BYTES | a SLOT REQUEST NUMBER | p SLOT OPERATION NUMBER START LENGTH
r SLOT OFFSET LENGTH | w SLOT OFFSET LENGTH | s SLOT OFFSET WHENCE | f SLOT MODE OFFSET LENGTH | t SLOT LENGTH
"""
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.lseek.restype = ctypes.c_long
libc.pread.restype = libc.pwrite.restype = ctypes.c_long
disk, directory = sys.argv[1], sys.argv[2]
slots = {}


def node(part):
    if part == 0:
        return disk
    name = os.path.basename(disk) + "p%d" % part
    path = os.path.join(directory, name)
    if os.path.exists(path):
        os.unlink(path)
    try:
        with open("/sys/class/block/%s/dev" % name) as f:
            major, minor = map(int, f.read().split(":"))
    except FileNotFoundError:
        major, minor = 259, 1 << 19  # nothing is there
    os.mknod(path, 0o60600, os.makedev(major, minor))
    return path


def tell(result, output=b""):
    print(0 if result >= 0 and output else result, ctypes.get_errno() if result < 0 else 0, bytes(output).hex())


def number(text):
    return ctypes.c_long(int(text))


for line in sys.stdin:
    word = line.split()
    if not word:
        continue
    slot = word[1]
    if word[0] == "o":
        fd = libc.open(node(int(word[2])).encode(), int(word[3]) | os.O_CLOEXEC)
        slots[slot] = fd
        tell(min(fd, 0))
        continue
    fd = slots[slot]
    if word[0] == "c":
        tell(libc.close(fd))
    elif word[0] == "i":
        given = bytes.fromhex(word[3].strip("-"))
        size = int(word[4])
        memory = ctypes.create_string_buffer(given + bytes(size), max(len(given), size, 1))
        tell(libc.ioctl(fd, ctypes.c_ulong(int(word[2])), memory), memory.raw[:size])
    elif word[0] == "a":
        tell(libc.ioctl(fd, ctypes.c_ulong(int(word[2])), number(word[3])))
    elif word[0] == "p":
        part = ctypes.create_string_buffer(struct.pack("<qqi132x", int(word[4]), int(word[5]), int(word[3])))
        argument = ctypes.create_string_buffer(struct.pack("<iiiiQ", int(word[2]), 0, len(part), 0, ctypes.addressof(part)))
        tell(libc.ioctl(fd, ctypes.c_ulong(0x1269), argument))
    elif word[0] == "r":
        memory = ctypes.create_string_buffer(int(word[3]) or 1)
        tell(libc.pread(fd, memory, ctypes.c_ulong(int(word[3])), number(word[2])))
    elif word[0] == "w":
        tell(libc.pwrite(fd, b"x" * int(word[3]), ctypes.c_ulong(int(word[3])), number(word[2])))
    elif word[0] == "s":
        tell(libc.lseek(fd, number(word[2]), int(word[3])))
    elif word[0] == "f":
        tell(libc.fallocate(fd, int(word[2]), number(word[3]), number(word[4])))
    elif word[0] == "t":
        tell(libc.ftruncate(fd, number(word[2])))
