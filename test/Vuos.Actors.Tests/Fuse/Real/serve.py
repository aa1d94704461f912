"""serve.py LIBRARY DIRECTORY MOUNTPOINT: shows a directory, read-only, with pyfuse3 (libfuse 3) or fusepy (libfuse 2)."""

import errno
import os
import sys

library, top, mountpoint = sys.argv[1:]


def serve_fusepy():
    import fusepy as fuse

    class Directory(fuse.Operations):
        def getattr(self, path, fh=None):
            try:
                found = os.lstat(top + path)
            except OSError as error:
                raise fuse.FuseOSError(error.errno) from None
            return {key: getattr(found, key) for key in ("st_mode", "st_size", "st_nlink", "st_uid", "st_gid", "st_mtime", "st_atime", "st_ctime")}

        def readdir(self, path, fh):
            return [".", ".."] + os.listdir(top + path)

        def read(self, path, size, offset, fh):
            with open(top + path, "rb") as file:
                file.seek(offset)
                return file.read(size)

    fuse.FUSE(Directory(), mountpoint, foreground=True)


def serve_pyfuse3():
    import pyfuse3
    import trio

    paths = {pyfuse3.ROOT_INODE: top}

    class Directory(pyfuse3.Operations):
        async def getattr(self, inode, ctx=None):
            found = os.lstat(paths[inode])
            entry = pyfuse3.EntryAttributes()
            for key in ("st_mode", "st_size", "st_nlink", "st_uid", "st_gid", "st_mtime_ns", "st_atime_ns", "st_ctime_ns"):
                setattr(entry, key, getattr(found, key))
            entry.st_ino = inode
            entry.attr_timeout = entry.entry_timeout = 10
            return entry

        async def lookup(self, parent, name, ctx=None):
            path = os.path.join(paths[parent], os.fsdecode(name))
            if not os.path.lexists(path):
                raise pyfuse3.FUSEError(errno.ENOENT)
            inode = os.lstat(path).st_ino
            paths[inode] = path
            return await self.getattr(inode)

        async def opendir(self, inode, ctx):
            return inode

        async def readdir(self, inode, start, token):
            for index, name in enumerate(sorted(os.listdir(paths[inode]))[start:], start + 1):
                if not pyfuse3.readdir_reply(token, os.fsencode(name), await self.lookup(inode, os.fsencode(name)), index):
                    break

        async def open(self, inode, flags, ctx):
            return pyfuse3.FileInfo(fh=inode)

        async def read(self, inode, offset, size):
            with open(paths[inode], "rb") as file:
                file.seek(offset)
                return file.read(size)

        async def forget(self, inodes):
            pass

    pyfuse3.init(Directory(), mountpoint, set(pyfuse3.default_options))
    try:
        trio.run(pyfuse3.main)
    finally:
        pyfuse3.close(unmount=False)


{"fusepy": serve_fusepy, "pyfuse3": serve_pyfuse3}[library]()
