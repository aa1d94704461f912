#!/bin/bash
# A sweep over coreutils: each program once or more in the working directory.
cd "$1" || exit 9
r() { echo "\$ $*"; "$@"; echo "= $?"; }
printf 'b\na\nc\na\n' > t; printf '1 x\n2 y\n' > j1; printf '1 p\n2 q\n' > j2; mkdir d; echo deep > d/f
r cat t; r tac t; r nl t; r head -n 2 t; r tail -n 1 t; r wc t; r sort t; r sort -u -o sorted t; r uniq -c sorted; r shuf -n 0 t; r cut -c1 t; r paste t t
r join j1 j2; r comm sorted t; r tr a b < t; r fold -w 1 j1; r fmt j1; r pr -t t; r expand t; r unexpand t; r od -c t; r rev t; r tsort j1; r ptx j1
r md5sum t; r sha1sum t; r sha256sum t; r sha512sum t; r b2sum t; r cksum t; r sum t; r base32 t; r base64 t; r basenc --base16 t; r split -l 2 t part-; r csplit -s t 2; r ls
r cp t t2; r cp -a d d2; r cp -r d/. d3; r cp none x; r cp d x; r mv t2 t3; r mv t3 d2/; r mv d2 d4; r ls -R; r ln t hard; r ln -s t soft; r ln -s none dang; r link t hard2
r ls -i hard t | awk '{print ($1 == p); p = $1}'; r readlink soft; r readlink -f soft; r readlink -e dang; r realpath d/../t; r realpath --relative-to=d t; r stat -c '%n %a %F %s %h' t d soft
r touch new; r touch -d @1000 new; r stat -c '%Y %X' new; r touch -h -d @2000 soft; r stat -c %Y soft; r touch -c absent; r test -e absent; r [ -L soft ]; r date -r new -u +%s
r chmod 640 t; r chmod u+x,g-r t; r chmod -R a+rX d; r chmod 1 none; r stat -c %a t d; r mkdir -p p/q/r; r mkdir p; r rmdir p/q/r; r rmdir -p p/q; r rmdir d; r mkfifo ff; r mknod ff2 p
r unlink hard2; r rm hard; r rm d; r rm -rf d3 d4; r rm -f none; r rm none; r truncate -s 3 t; r stat -c %s t; r dd if=t of=o bs=1 count=2 status=none; r cat o; r du -a --apparent-size d
r df --output=target / ; r basename /a/b.c .c; r dirname /a/b/c; r pathchk -p 'a b'; r pathchk "$(printf '%0300d' 0)"; r echo hi; r printf '%s-%d\n' x 3; r seq 3; r yes | head -n 2; r factor 60; r numfmt --to=iec 2048
r expr 3 + 4; r true; r false; r env -i A=1 env; r printenv LANG; r pwd; r tee copy < t; r cat copy; r nice -n 3 nice; r nohup echo nohup; r timeout 5 echo in time; r timeout 0.1 sleep 5; r sleep 0; r stdbuf -o0 echo x
r id -u; r id -un; r groups root; r logname 2>&1; r uname -s; r uname -m; r arch; r nproc --ignore=1000; r tty; r stty -a 2>&1; r who -q | tail -n 1; r users; r hostid | wc -c; r install -m 711 t inst; r stat -c %a inst
r install -d i/j/k; r ls -d i/j/k; r sync -f t; r dircolors -p | head -n 1; r chroot none true; r runcon x 2>&1; r shred -n 1 -u o; r ls -la none; r ls --color=never -F; r dir; r vdir -d . | wc -l; r mktemp -u | wc -c; r mktemp -d -p . XXXX | wc -c
