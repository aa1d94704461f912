#!/bin/bash
# vim, tmux, ssh-keygen, sqlite3, awk, sed, ed-like tools; each is left out when it is not there.
cd "$1" || exit 9
have() { command -v "$1" > /dev/null || { echo "skipped: no $1"; return 1; }; }
export HOME=$1
if have vim; then printf 'one\ntwo\n' > v; vim -es -u NONE -c '%s/o/0/g' -c 'normal Gothree' -c wq v; echo "vim $?"; cat v; vim -es -u NONE -c 'r !ls v' -c 'w! out' -c q! ; cat out; ls -a | grep -c swp; fi
if have ssh-keygen; then ssh-keygen -q -t ed25519 -N '' -C c -f key; stat -c '%a %n' key key.pub; ssh-keygen -y -f key | cut -d' ' -f1; ssh-keygen -l -f key | awk '{print $1, $3, $4}'; echo data > data; ssh-keygen -q -Y sign -f key -n file data 2>/dev/null; head -n 1 data.sig; fi
if have sqlite3; then sqlite3 db 'create table t(a,b); pragma journal_mode=wal; begin; insert into t values(1,2),(3,4); commit; select sum(a*b) from t; create index i on t(a); select count(*) from sqlite_master; vacuum;'; sqlite3 db '.dump' | md5sum; sqlite3 db 'pragma integrity_check'; ls | grep -c '^db'
  for i in 1 2 3 4; do sqlite3 -cmd '.timeout 20000' db "insert into t values($i,0)" & done; wait; sqlite3 db 'select count(*) from t'; sqlite3 none/db 'select 1; create table x(y);'; echo "sqlite $?"; fi
if have tmux; then tmux -S "$1/tm" -f /dev/null new-session -d -s s -x 80 -y 24 'sh -c "echo in tmux; echo done > tm.done; sleep 20"'; for _ in $(seq 100); do [ -s tm.done ] && break; sleep 0.05; done; cat tm.done; tmux -S "$1/tm" list-sessions -F '#{session_name} #{session_windows}'
  tmux -S "$1/tm" new-window -t s: 'echo second; exec sleep 20'; tmux -S "$1/tm" list-windows -t s -F '#{window_index}'; for _ in $(seq 100); do tmux -S "$1/tm" capture-pane -p -t s:0 | grep -q 'in tmux' && break; sleep 0.05; done; tmux -S "$1/tm" capture-pane -p -t s:0 | head -n 1; tmux -S "$1/tm" kill-server; echo "tmux $?"
  for _ in $(seq 100); do tmux -S "$1/tm" ls > /dev/null 2>&1 || break; sleep 0.05; done; fi
if have awk; then awk 'BEGIN { while (("ls v" | getline x) > 0) print x; print "w" > "aw"; close("aw"); getline y < "aw"; print y }'; fi
if have script; then script -qec 'tty > /dev/null && echo on a terminal; stty size' /dev/null < /dev/null | tr -d '\r'; fi
if have flock; then flock lock sh -c 'flock -n lock true; echo "locked $?"'; fi
if have file; then file -b v; fi
if have patch; then printf 'a\nb\n' > pa; printf '%s\n' '--- pa' '+++ pa' '@@ -1,2 +1,2 @@' ' a' '-b' '+c' | patch -s; cat pa; fi
if have cpio; then find v | cpio -o 2>/dev/null | cpio -t 2>/dev/null; fi
