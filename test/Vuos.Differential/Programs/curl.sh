#!/bin/bash
# curl against python's http.server on loopback.
command -v curl /usr/bin/python3 > /dev/null || { echo skipped: no curl; exit; }
cd "$1" || exit 9
mkdir s; seq 20000 > s/big; echo hello > s/hello; mkdir s/d; echo x > s/d/x
cat > srv.py <<'E'
import functools, http.server, os
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory='s'); h.log_message = None
class Q(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Q, directory='s'))
open('port.tmp', 'w').write(str(s.server_address[1])); os.rename('port.tmp', 'port'); s.serve_forever()
E
sed -i '/log_message = None/d' srv.py
/usr/bin/python3 srv.py & pid=$!
for _ in $(seq 200); do [ -s port ] && break; sleep 0.05; done
u=http://127.0.0.1:$(cat port)
curl -s "$u/hello"; curl -s "$u/big" | md5sum; curl -s -o out -w '%{http_code} %{size_download}\n' "$u/big"; cmp out s/big && echo same; curl -s -w '%{http_code}\n' -o /dev/null "$u/none"; curl -s "$u/d/" | grep -c href
for i in $(seq 10); do curl -s "$u/hello" & done | sort | uniq -c; curl -s "file://$1/s/hello"; curl -s "$u/../../etc/passwd" --path-as-is -o /dev/null -w '%{http_code}\n'; curl -s http://127.0.0.1:1/; echo "refused $?"
kill $pid; wait $pid; echo "server $?"
