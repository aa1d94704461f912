#!/bin/bash
# python3: threads, subprocess, multiprocessing, os, shutil, mmap, signals, asyncio, sockets, sqlite.
command -v /usr/bin/python3 > /dev/null || { echo skipped: no python3; exit; }
cd "$1" || exit 9
cat > p.py <<'E'
#!/usr/bin/python3 -u
import asyncio, concurrent.futures, glob, mmap, multiprocessing, os, pathlib, select, shutil, signal, socket, stat, subprocess, sys, tempfile, threading, time, zipfile
root = sys.argv[1]
print(os.getcwd() == root, os.path.realpath('.') == root, sys.argv[0], __file__ == os.path.join(root, 'p.py') or __file__)
def work(i):
    p = pathlib.Path(f'w{i}'); p.write_text(str(i)); t = p.read_text(); p.unlink(); return int(t)
with concurrent.futures.ThreadPoolExecutor(16) as ex: print(sum(ex.map(work, range(300))))
print(subprocess.run(['sh', '-c', 'cat; exit 3'], input=b'in', capture_output=True))
print(subprocess.run(['./none'], capture_output=True) if os.path.exists('none') else 'no such program')
try: subprocess.run(['./none'])
except FileNotFoundError as e: print(e)
print(subprocess.check_output('ls p.py; pwd -P', shell=True, cwd='/', stderr=subprocess.STDOUT, text=True) if False else subprocess.getoutput('ls p.py'))
ps = [subprocess.Popen(['sh', '-c', f'sleep 0.0{i}; exit {i}'], start_new_session=True, close_fds=True) for i in range(9)]
print([p.wait() for p in ps])
p = subprocess.Popen(['sleep', '100']); p.terminate(); print(p.wait())
with multiprocessing.get_context('fork').Pool(4) as pool: print(sum(pool.map(abs, range(-50, 0))))
with multiprocessing.get_context('spawn').Pool(2) as pool: print(pool.map(abs, [-1, -2]))
os.makedirs('a/b/c'); open('a/b/f', 'w').write('x' * 5000); os.symlink('b', 'a/l'); os.link('a/b/f', 'a/hard')
shutil.copytree('a', 'copy', symlinks=True); shutil.move('copy', 'moved')
print([(d, sorted(ds), sorted(fs)) for d, ds, fs in sorted(os.walk('moved'))]); print(sorted(glob.glob('**/f', recursive=True)))
print(os.stat('a/hard').st_nlink, os.path.samefile('a/hard', 'a/l/f'), stat.filemode(os.lstat('a/l').st_mode), os.readlink('a/l'))
shutil.rmtree('moved'); shutil.make_archive('arch', 'zip', 'a'); print(sorted(zipfile.ZipFile('arch.zip').namelist()))
with open('a/b/f', 'r+b') as f:
    m = mmap.mmap(f.fileno(), 0); m[:3] = b'abc'; m.flush(); print(m.find(b'c'))
d = os.open('a', os.O_RDONLY); print(os.listdir(d), os.stat('b/f', dir_fd=d).st_size, os.access('hard', os.R_OK, dir_fd=d)); os.close(d)
for bad in ('none', 'p.py/x', 'x' * 256, '/'.join(['y' * 200] * 30), '\0'):
    try: open(bad)
    except (OSError, ValueError) as e: print(type(e).__name__, getattr(e, 'errno', None))
got = []
signal.signal(signal.SIGALRM, lambda s, f: got.append(s)); signal.setitimer(signal.ITIMER_REAL, 0.02); signal.pause(); print(got)
signal.signal(signal.SIGUSR1, lambda s, f: got.append(s))
threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start(); time.sleep(0.1); print(got)
r, w = os.pipe(); pid = os.fork()
if pid == 0: os.write(w, b'child'); os._exit(7)
print(os.read(r, 10), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn('/bin/sh', ['sh', '-c', 'exit 5'], os.environ), 0)[1]))
s = socket.socket(socket.AF_UNIX); s.bind('sock'); s.listen(); c = socket.socket(socket.AF_UNIX); c.connect('sock'); x, _ = s.accept(); c.send(b'hi'); print(x.recv(5), s.getsockname())
async def go():
    p = await asyncio.create_subprocess_exec('echo', 'async', stdout=subprocess.PIPE); return (await p.communicate())[0]
with tempfile.TemporaryDirectory(dir=".") as t: print(asyncio.run(go()), os.path.isdir(t))
os.chdir('a'); os.rename('../a', '../renamed'); print(os.getcwd() == root + '/renamed'); os.chdir(root)
os.execv('/usr/bin/python3', ['python3', '-c', 'import os; print("after exec", os.listdir("renamed"))'])
E
sed -i '/if False else/s/.*/print(subprocess.getoutput("ls p.py"))/; s/^print(os.listdir(d)/print(sorted(os.listdir(d))/; s/print(os.listdir(d),/print(sorted(os.listdir(d)),/; s/os.listdir("renamed")/sorted(os.listdir("renamed"))/' p.py
chmod +x p.py
# spawn imports the main module again: guard it.
sed -i '/^root = /,$ s/^/    /; s/^    root = /if __name__ == "__main__":\n    root = /; s/^    def work/    global work\n    def work/' p.py
./p.py "$1"; echo "status $?"; ls
