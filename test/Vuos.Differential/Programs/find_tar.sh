#!/bin/bash
# find, xargs, tar, gzip, cpio-like copies, diff -r, rsync-like comparisons of trees.
cd "$1" || exit 9
mkdir -p t/{a,b,c}/{x,y,z}; for i in $(seq 60); do echo "file $i" > "t/$(printf '\x%x' $((97 + i % 3)))/f$i"; done
ln -s ../b t/a/link; ln -s nowhere t/dang; ln t/a/f3 t/c/hard; mkfifo t/p; chmod 700 t/b/x; touch -d @1000000 t/a/f3
find t | sort | md5sum; find t -type f | wc -l; find t -type l | sort; find -L t -type l | sort; find t -name 'f1*' -newer t/a/f3 | sort | head -n 3; find t -links 2 | sort
find t -type d -empty | sort; find t -perm 700; find t -maxdepth 1 -printf '%y %m %s %f\n' | grep -v '^d' | sort; find t/a -exec basename {} \; | sort | head -n 5; find t -type f -print0 | xargs -0 cat | sort | md5sum
find "$1/t" -samefile t/a/f3 | sort; find t -type f -size -2 | wc -l; find nowhere; echo "find $?"; find t/a/link/ -maxdepth 1 | sort | tail -n 2
tar -cf t.tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 t; md5sum < t.tar; tar -tvf t.tar | awk '{print $1, $6, $7, $8}' | head -n 20
mkdir out; tar -C out -xpf t.tar; diff -r --no-dereference t/a out/t/a && echo same; ls -l out/t | awk 'NR > 1 {print $1, $9, $10, $11}'; stat -c '%h' out/t/c/hard
tar -czf t.tgz t && tar -tzf t.tgz | wc -l; (cd t && tar -cf - .) | (mkdir pipe && cd pipe && tar -xf -); diff -r --no-dereference t/c pipe/c; echo "diff $?"
tar --exclude='f*' -cJf t.txz t 2>/dev/null && tar -tf t.txz | wc -l; tar -xf none.tar; echo "tar $?"; tar -C out --delete -f t.tar t/a/f3; tar -tf t.tar | wc -l
gzip -k t.tar; gunzip -c t.tar.gz | cmp - t.tar && echo gzip ok; grep -rl 'file 5$' t | sort; sed -i 's/file/FILE/' t/a/f3; cat t/c/hard t/a/f3; du -a t/a --apparent-size | wc -l; rm -rf t out; ls
