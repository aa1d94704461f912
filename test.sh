#!/bin/bash
# Installs what the tests need (where it may), builds, runs every test project under test/ and every spec, and ends with
# one line: N passed, N failed[, N skipped]. Results: TestResults/*.trx and TestResults/*.junit.xml.
# Nothing runs for ever: what takes longer than VUOS_TEST_LIMIT seconds (1500) is killed and counts as failed, and after
# VUOS_TEST_TOTAL seconds (4800) nothing more is started.
# Usage: ./test.sh [--filter TEXT] [--specs-only] [--no-install]
#   --filter TEXT   only tests whose name contains TEXT, e.g. --filter vufs/ or --filter 'core/chroot (root'
#   --specs-only    only the specs, no other test project and no check of the format
#   --no-install    ask no package manager
set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 1

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }

filter='' specs_only='' install=yes
while [ $# -gt 0 ]; do
    case $1 in
        --filter) [ $# -ge 2 ] || usage; filter=$2; shift ;;
        --specs-only) specs_only=yes ;;
        --no-install) install='' ;;
        *) usage ;;
    esac
    shift
done

say() { printf '== %s\n' "$*"; }

# Debian's name of the package with a program, where it is not the program's own.
package_of() {
    case $1 in
        bash | dash | perl | python3 | socat | gcc | make | git | sqlite3 | strace | tmux | vim | curl | proot) echo "$1" ;;
        findmnt | setpriv | unshare | nsenter | mount | umount | script | mountpoint) echo util-linux ;;
        ps | pgrep) echo procps ;;
        cc) echo gcc ;;
        chroot | stat) echo coreutils ;;
        getcap | setcap | capsh) echo libcap2-bin ;;
        getfattr | setfattr) echo attr ;;
        inotifywait) echo inotify-tools ;;
        Xvfb) echo xvfb ;;
        xwininfo) echo x11-utils ;;
        import | convert) echo imagemagick ;;
        mkfs.ext2 | mkfs.ext4 | e2fsck | debugfs) echo e2fsprogs ;;
        mkfs.vfat | fsck.vfat) echo dosfstools ;;
        mcopy | mtype) echo mtools ;;
        mkfs.exfat | fsck.exfat) echo exfatprogs ;;
        mount.exfat-fuse) echo exfat-fuse ;;
        mkntfs) echo ntfs-3g ;;
        mksquashfs) echo squashfs-tools ;;
        fusermount | fusermount3) echo fuse3 ;;
        unionfs) echo unionfs-fuse ;;
        sfdisk) echo fdisk ;;
        sgdisk) echo gdisk ;;
        blockdev | blkid | wipefs | partx | lsblk) echo util-linux ;;
        qemu-img | qemu-nbd) echo qemu-utils ;;
        */fusepy.py) echo python3-fusepy ;;
        */sftp-server) echo openssh-sftp-server ;;
        *) echo "$1" ;;
    esac
}

install_needs() {
    local program missing=()
    # shellcheck disable=SC2013
    for program in gcc perl python3 unshare nsenter setpriv fuse-overlayfs mergerfs fuseext2 gocryptfs python3-pyfuse3 $(sed -n 's/^# needs: *//p' specs/*/*.spec | tr ' ' '\n' | sort -u); do
        # A path is that of a file, which need not be a program; python3-NAME is a module.
        case $program in
            /*) [ -e "$program" ] ;;
            python3-*) /usr/bin/python3 -c "import ${program#python3-}" 2>/dev/null ;;
            *) command -v "$program" >/dev/null ;;
        esac || missing+=("$(package_of "$program")")
    done
    [ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$install" = '' ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "not installed, tests that need them are skipped: ${missing[*]}"
        return 0
    fi
    say "installing: ${missing[*]}"
    { timeout 300 apt-get -qq update && DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -qq install -y --no-install-recommends "${missing[@]}"; } \
        >TestResults/install.log 2>&1 </dev/null || say 'the installation failed (TestResults/install.log); tests that need more are skipped'
}

# quietly NAME COMMAND…: runs it with its output in TestResults/NAME.log, and not longer than there is time.
quietly() {
    local name=$1 started=$SECONDS status seconds=${VUOS_TEST_LIMIT:-1500} left=$((${VUOS_TEST_TOTAL:-4800} - SECONDS))
    shift
    [ "$seconds" -le "$left" ] || seconds=$left
    if [ "$seconds" -le 0 ]; then
        echo "not started: the time for all tests is used up" >"TestResults/$name.log"
        say "$name: not started, no time is left"
        return 124
    fi
    # timeout has a process group of its own, which an interrupt from the terminal does not reach; and what a shell starts
    # in the background ignores such interrupts, which tests must not inherit.
    env --default-signal=INT,QUIT timeout --kill-after=30 "$seconds" "$@" >"TestResults/$name.log" 2>&1 </dev/null &
    running=$!
    wait "$running"
    status=$?
    running=''
    case $status in 124 | 137) echo "killed after $seconds s" >>"TestResults/$name.log" ;; esac
    say "$name: status $status, $((SECONDS - started)) s"
    return $status
}

running=''
trap '[ -z "$running" ] || kill "$running"; exit 130' INT TERM

rm -rf --one-file-system TestResults
mkdir TestResults
[ -f test/Vuos.Specs/Vuos.Specs.csproj ] && install_needs

# vstest reads parentheses and a few other characters as operators.
filter=$(sed 's/[()&|=!~]/\\&/g' <<<"$filter")

# A test that gives no answer for this long is named and ends the run of its project.
hang=$((${VUOS_TEST_LIMIT:-1500} / 2))
# On a busy machine the test host takes more than the usual 90 s to answer.
export VSTEST_CONNECTION_TIMEOUT=600

report=()
if [ -x ./vuos-actors ] && [ -z "${VUOS_ACTORS:-}" ]; then
    quietly program ./vuos-actors --version
    report+=(--check 'the program builds and starts' $? TestResults/program.log)
fi

for project in test/*/*.csproj; do
    grep -q Microsoft.NET.Test.Sdk "$project" || continue
    name=$(basename "$project" .csproj)
    [ -z "$specs_only" ] || [ "$name" = Vuos.Specs ] || continue
    # The console logger names each test as it ends: a log that breaks off says where.
    quietly "$name" dotnet test "$project" -c Release -m:1 --results-directory TestResults --logger "trx;LogFileName=$name.trx" \
        --logger 'console;verbosity=normal' --blame-hang-timeout "${hang}s" --blame-hang-dump-type none ${filter:+--filter "DisplayName~$filter"}
    report+=(--project "$name" $?)
done

if [ -z "$specs_only$filter" ]; then
    quietly format dotnet format VuosActors.sln --verify-no-changes
    report+=(--check 'dotnet format --verify-no-changes' $? TestResults/format.log)
fi

timeout 150 dotnet build test/Vuos.TestReport -c Release -m:1 -v q >TestResults/report.log 2>&1 || { cat TestResults/report.log; echo '0 passed, 1 failed'; exit 1; }
exec dotnet test/Vuos.TestReport/bin/Release/net10.0/Vuos.TestReport.dll TestResults "${report[@]}"
