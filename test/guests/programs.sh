# shellcheck shell=bash
# The guests of test/guests.sh. guest_NAME gets an empty directory, works there and on loopback only, and fails if the program did not do its work.

declare -A needs=(
    [firefox]='firefox-esr compare'
    [firefox-window]='firefox-esr Xvfb xdotool import'
    [chromium]='chromium'
    [chromium-sandbox]='chromium'
    [node]=node
    [npm]='npm node'
    [go]=go
    [rust]=rustc
    [java]='javac java'
    [dotnet]=dotnet
    [postgresql]='pgbench'
    [redis]='redis-server redis-benchmark'
    [nginx]='nginx wrk'
    [ffmpeg]=ffmpeg
    [stress-files]=stress-ng
    [stress-processes]=stress-ng
    [stress-signals]=stress-ng
)
guests=(firefox firefox-window chromium chromium-sandbox node npm go rust java dotnet postgresql redis nginx ffmpeg stress-files stress-processes stress-signals)

here=$(dirname "${BASH_SOURCE[0]}")

guest_firefox() {
    cp -r "$here/site" "$1/site" && mkdir "$1/profile" || return
    firefox-esr --headless --no-remote --profile "$1/profile" --screenshot "$1/shot.png" "file://$1/site/index.html" || return
    # The page is green with black text: both must be there.
    [[ $(convert "$1/shot.png" -depth 8 -format '%[hex:p{5,5}]' info:) = CCFFEE* ]]
}

# Opens a page, types into its form, sends it, follows a link back; each step is seen by the title of the window.
guest_firefox_window() {
    local display=$((RANDOM % 20000 + 1000)) server browser status=1
    cp -r "$here/site" "$1/site" && mkdir "$1/profile" || return
    printf 'user_pref("browser.shell.checkDefaultBrowser", false);\nuser_pref("datareporting.policy.dataSubmissionEnabled", false);\n%s\n%s\n' \
        'user_pref("browser.aboutwelcome.enabled", false);' 'user_pref("trailhead.firstrun.didSeeAboutWelcome", true);' > "$1/profile/user.js"
    Xvfb ":$display" -screen 0 1000x700x24 -nolisten tcp &
    server=$!
    export DISPLAY=:$display
    until xdotool getdisplaygeometry > /dev/null 2>&1; do kill -0 $server || return; sleep 0.1; done
    firefox-esr --no-remote --profile "$1/profile" "file://$1/site/index.html" &
    browser=$!
    {
        window=$(timeout 90 xdotool search --sync --onlyvisible --name 'First page') && window=${window%%$'\n'*} &&
            xdotool windowsize --sync "$window" 1000 700 windowfocus --sync "$window" && import -window root "$1/1-open.png" &&
            xdotool type --delay 20 'hello view' && import -window root "$1/2-typed.png" && xdotool key Return &&
            timeout 60 xdotool search --sync --onlyvisible --name 'Second hello view' && import -window root "$1/3-sent.png" &&
            xdotool key Tab key Return &&
            timeout 60 xdotool search --sync --onlyvisible --name 'Third page' && import -window root "$1/4-followed.png" && status=0
    }
    import -window root "$1/last.png"
    kill $browser; wait $browser
    kill $server; wait $server
    return $status
}

chromium_shot() {
    cp -r "$here/site" "$1/site" || return
    timeout 100 chromium --headless "${@:2}" --disable-gpu --user-data-dir="$1/profile" --window-size=800,600 --screenshot="$1/shot.png" "file://$1/site/index.html" || return
    [[ $(convert "$1/shot.png" -depth 8 -format '%[hex:p{5,5}]' info:) = CCFFEE* ]]
}

guest_chromium() { chromium_shot "$1" --no-sandbox; }

guest_chromium_sandbox() { chromium_shot "$1"; }

guest_node() {
    cat > "$1/workers.js" <<'JS'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads'), fs = require('fs'), path = require('path');
if (!isMainThread) {
    const file = path.join(__dirname, 'part' + workerData);
    fs.writeFileSync(file, 'x'.repeat(1000 + workerData));
    let sum = 0;
    for (let i = 0; i < 300; i++) sum += fs.statSync(file).size + fs.readFileSync(file).length;
    parentPort.postMessage(sum);
} else {
    Promise.all([...Array(8).keys()].map(i => new Promise((done, fail) => {
        const w = new Worker(__filename, { workerData: i });
        w.on('message', done); w.on('error', fail);
    }))).then(sums => { if (sums.reduce((a, b) => a + b) !== 8 * 600 * 1000 + 600 * 28) process.exit(1); console.log(sums.join()); });
}
JS
    node "$1/workers.js"
}

guest_npm() {
    mkdir "$1/package" "$1/app" || return
    echo '{ "name": "small", "version": "1.0.0", "main": "index.js", "bin": { "small": "index.js" } }' > "$1/package/package.json"
    printf '#!/usr/bin/env node\nmodule.exports = () => "from the package"; if (require.main === module) console.log("as a program");\n' > "$1/package/index.js"
    echo '{ "name": "app", "version": "1.0.0" }' > "$1/app/package.json"
    cd "$1/app" && npm install --offline --no-audit --no-fund --install-links ../package && [ "$(npx --offline small)" = 'as a program' ] &&
        [ "$(node -p 'require("small")()')" = 'from the package' ]
}

guest_go() {
    cat > "$1/main.go" <<'GO'
package main

import ("fmt"; "os"; "os/exec"; "path/filepath"; "runtime"; "sync")

func main() {
	dir, wait, bad := os.Args[1], sync.WaitGroup{}, make(chan error, 400)
	for i := 0; i < 200; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			runtime.LockOSThread()
			name := filepath.Join(dir, fmt.Sprint("f", i))
			for j := 0; j < 20; j++ {
				if err := os.WriteFile(name, []byte(fmt.Sprint(i)), 0644); err != nil { bad <- err; return }
				if text, err := os.ReadFile(name); err != nil || string(text) != fmt.Sprint(i) { bad <- fmt.Errorf("%s: %q %v", name, text, err); return }
			}
			if i%20 == 0 {
				if out, err := exec.Command("cat", name).Output(); err != nil || string(out) != fmt.Sprint(i) { bad <- fmt.Errorf("cat %s: %q %v", name, out, err) }
			}
		}(i)
	}
	wait.Wait()
	close(bad)
	for err := range bad { fmt.Println(err); os.Exit(1) }
	fmt.Println("200 goroutines")
}
GO
    mkdir "$1/files" && go build -o "$1/program" "$1/main.go" && "$1/program" "$1/files"
}

guest_rust() {
    cat > "$1/main.rs" <<'RS'
use std::{env, fs, path::Path, thread};
fn main() {
    let dir = env::args().nth(1).unwrap();
    let threads: Vec<_> = (0..32).map(|i| { let file = Path::new(&dir).join(format!("f{i}")); thread::spawn(move || {
        for j in 0..50 { fs::write(&file, format!("{i} {j}")).unwrap(); assert_eq!(fs::read_to_string(&file).unwrap(), format!("{i} {j}")); }
        fs::metadata(&file).unwrap().len() }) }).collect();
    println!("{}", threads.into_iter().map(|t| t.join().unwrap()).sum::<u64>());
}
RS
    mkdir "$1/files" && rustc -O -C codegen-units=4 -o "$1/program" "$1/main.rs" && "$1/program" "$1/files"
}

guest_java() {
    cat > "$1/Many.java" <<'JAVA'
import java.nio.file.*; import java.util.stream.*; import java.util.concurrent.*;
public class Many {
    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(16);
        long sum = 0;
        for (Future<Long> f : pool.invokeAll(IntStream.range(0, 200).mapToObj(i -> (Callable<Long>) () -> {
            Path p = Path.of(args[0], "f" + i);
            Files.writeString(p, "x".repeat(i));
            if (!Files.readString(p).equals("x".repeat(i))) throw new IllegalStateException(p.toString());
            return Files.size(p);
        }).collect(Collectors.toList()))) sum += f.get();
        pool.shutdown();
        Process p = new ProcessBuilder("cat", args[0] + "/f5").start();
        if (!new String(p.getInputStream().readAllBytes()).equals("xxxxx") || sum != 19900) System.exit(1);
        System.out.println(sum);
    }
}
JAVA
    mkdir "$1/files" && javac -d "$1/classes" "$1/Many.java" && java -cp "$1/classes" Many "$1/files"
}

guest_dotnet() {
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
    dotnet new console -o "$1/app" --no-restore && dotnet build "$1/app" -p:UseSharedCompilation=false -p:RestoreSources="$1/none" -o "$1/built" -m:2 && "$1/built/app"
}

guest_postgresql() {
    local bin status=1 port=$((RANDOM % 20000 + 20000)) as=()
    bin=$(echo /usr/lib/postgresql/*/bin)
    mkdir "$1/data" "$1/run"
    # The server refuses to be root.
    if [ "$(id -u)" = 0 ]; then chown -R nobody "$1"; as=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
    "${as[@]}" "$bin/initdb" -D "$1/data" -U tester -A trust || return
    "${as[@]}" "$bin/pg_ctl" -D "$1/data" -w -l "$1/data/log" -o "-p $port -k $1/run -c listen_addresses=127.0.0.1" start || { cat "$1/data/log"; return 1; }
    "${as[@]}" pgbench -h 127.0.0.1 -p "$port" -U tester -i -s 2 postgres &&
        "${as[@]}" pgbench -h 127.0.0.1 -p "$port" -U tester -c 8 -j 2 -t 200 postgres &&
        "${as[@]}" pgbench -h "$1/run" -p "$port" -U tester -S -C -c 4 -t 20 postgres && status=0
    "${as[@]}" "$bin/pg_ctl" -D "$1/data" -w -m fast stop && return $status
}

guest_redis() {
    local port=$((RANDOM % 20000 + 20000)) server status=1
    redis-server --port "$port" --bind 127.0.0.1 --dir "$1" --io-threads 2 --appendonly yes --save '' &
    server=$!
    until redis-cli -p "$port" ping 2> /dev/null | grep -q PONG; do kill -0 $server || return; sleep 0.1; done
    redis-benchmark -p "$port" -n 3000 -c 10 -t set,get -q && redis-cli -p "$port" bgrewriteaof &&
        redis-cli -p "$port" set key value && [ "$(redis-cli -p "$port" get key)" = value ] && redis-cli -p "$port" save && [ -s "$1/dump.rdb" ] && status=0
    redis-cli -p "$port" shutdown nosave
    wait $server && return $status
}

guest_nginx() {
    local port=$((RANDOM % 20000 + 20000)) status=1
    cp -r "$here/site" "$1/site" && mkdir "$1/tmp" || return
    cat > "$1/conf" <<CONF
worker_processes 2; pid $1/pid; error_log $1/errors; daemon on;
events { worker_connections 256; }
http { access_log $1/access; client_body_temp_path $1/tmp; proxy_temp_path $1/tmp; fastcgi_temp_path $1/tmp; uwsgi_temp_path $1/tmp; scgi_temp_path $1/tmp;
  server { listen 127.0.0.1:$port; root $1/site; } }
CONF
    chmod -R a+rX "$1"
    nginx -c "$1/conf" -e "$1/errors" || return
    wrk -t 2 -c 16 -d 2 "http://127.0.0.1:$port/index.html" | tee "$1/wrk" && ! grep -E 'Non-2xx|Socket errors' "$1/wrk" && grep -q ' requests in ' "$1/wrk" && status=0
    nginx -c "$1/conf" -e "$1/errors" -s quit && return $status
}

guest_ffmpeg() {
    ffmpeg -loglevel error -nostdin -f lavfi -i testsrc=size=640x360:rate=25 -t 4 -c:v libx264 -threads 8 "$1/video.mkv" &&
        [ "$(ffprobe -loglevel error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1/video.mkv")" = 100 ]
}

stress() {
    local place=$1
    shift
    stress-ng --verify --temp-path "$place" --timeout 4 --metrics-brief "$@"
}

guest_stress_files() { stress "$1" --open 2 --dentry 2 --dir 2 --rename 2 --link 2 --symlink 2 --chmod 2 --chdir 2 --access 2 --dirdeep 1 --filename 1 --getdent 2 --utime 2 --xattr 1 --flock 2 --hdd 1 --hdd-bytes 4m; }

guest_stress_processes() { stress "$1" --fork 2 --vfork 2 --clone 2 --exec 2 --pthread 2 --wait 2 --futex 2 --mmap 1 --mmap-bytes 8m --pipe 2 --poll 2 --sem 2 --switch 2 --kill 1 --daemon 1 --zombie 1; }

guest_stress_signals() { stress "$1" --signal 2 --sigq 2 --sigfd 2 --sigpending 2 --sigrt 2 --sigsegv 2 --sigsuspend 2 --sigchld 2 --sigabrt 2 --sigfpe 2 --sigio 2 --timer 1 --itimer 1 --alarm 1; }
