#!/bin/bash
# node: file system calls, streams, child processes, worker threads, a server.
command -v node > /dev/null || { echo skipped: no node; exit; }
cd "$1" || exit 9
mkdir -p node_modules/m; echo 'module.exports = __dirname.endsWith("node_modules/m")' > node_modules/m/index.js
cat > n.js <<'E'
const fs = require('fs'), path = require('path'), cp = require('child_process'), http = require('http'), { Worker, isMainThread, parentPort } = require('worker_threads');
if (!isMainThread) { parentPort.postMessage(fs.readFileSync('d/f', 'utf8').length); return; }
(async () => {
  const root = process.argv[2];
  console.log(process.cwd() === root, __dirname === root, require('m'), fs.realpathSync('.') === root);
  fs.mkdirSync('d/e', { recursive: true }); fs.writeFileSync('d/f', 'x'.repeat(70000)); fs.symlinkSync('f', 'd/l'); fs.copyFileSync('d/f', 'd/c'); fs.renameSync('d/c', 'd/e/c');
  console.log(fs.readdirSync('d', { withFileTypes: true }).map(e => e.name + e.isDirectory() + e.isSymbolicLink()).sort().join(), fs.statSync('d/l').size, fs.readlinkSync('d/l'));
  for (const bad of ['none', 'd/f/x', 'y'.repeat(300)]) try { fs.openSync(bad) } catch (e) { console.log(e.code) }
  await Promise.all([...Array(100).keys()].map(async i => { await fs.promises.writeFile('d/e/' + i, '' + i); await fs.promises.unlink('d/e/' + i) }));
  console.log(fs.readdirSync('d/e'));
  console.log(cp.execSync('echo sub; pwd -P', { cwd: '/' }).toString(), cp.spawnSync('sh', ['-c', 'kill -9 $$']).signal, cp.spawnSync('./none').error.code);
  console.log(await Promise.all([...Array(4)].map(() => new Promise(r => new Worker(__filename).on('message', r)))));
  console.log(await new Promise(r => fs.createReadStream('d/f').pipe(fs.createWriteStream('d/g')).on('finish', () => r(fs.statSync('d/g').size))));
  const s = http.createServer((q, a) => a.end('hello ' + q.url)).listen(0, '127.0.0.1', async () => { console.log(await (await fetch(`http://127.0.0.1:${s.address().port}/x`)).text()); s.close(); s.closeAllConnections();
    const u = require('net').createServer(c => c.end('unix')).listen('sock', () => require('net').connect('sock').on('data', b => { console.log(b.toString()); u.close() })) });
})();
E
node n.js "$1"; echo "status $?"; ls
