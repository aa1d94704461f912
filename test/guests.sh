#!/bin/bash
# Runs large, heavily threaded programs natively and under vuos-actors, in three views, and says which of them work. Run by hand: the programs
# are too large for ./test.sh to install (docs/compatibility.md lists the Debian packages). One that is missing is skipped.
# Usage: test/guests.sh [--views LIST] [--user NAME] [--transport T] [GUEST…]
#   --views LIST   of none, unrelated, inside (default: all three). inside: the guest's files, and all of /usr, lie in bind layers
#   --user NAME    run guests as this user (default: who calls it)
# Exit status 1 if one fails that works natively. Logs and screenshots stay in the directory that is named at the end.
set -u
self=$(readlink -f "$0")
root=${self%/test/*}
: "${VUOS_ACTORS:=$root/vuos-actors}"
# shellcheck source=test/guests/programs.sh
. "$root/test/guests/programs.sh"

if [ "${1:-}" = --inside ]; then
    # One guest, in whatever view this is: $2 its name, $3 an empty directory to work in.
    export HOME=$3/home
    mkdir -p "$HOME" && cd "$3" && "guest_${2//-/_}" "$3"
    exit
fi

usage() { sed -n '2,8s/^# \{0,1\}//p' "$self" >&2; exit 2; }

views=none,unrelated,inside user='' transport=auto chosen=()
while [ $# -gt 0 ]; do
    case $1 in
        --views) [ $# -ge 2 ] || usage; views=$2; shift ;;
        --user) [ $# -ge 2 ] || usage; user=$2; shift ;;
        --transport) [ $# -ge 2 ] || usage; transport=$2; shift ;;
        -*) usage ;;
        *) chosen+=("$1") ;;
    esac
    shift
done
[ ${#chosen[@]} -gt 0 ] || chosen=("${guests[@]}")

work=$(mktemp -d /var/tmp/vuos-guests.XXXXXX)
# Builds if that is needed; what it says then is no complaint of a guest.
"$VUOS_ACTORS" --version >"$work/build" 2>&1 || { cat "$work/build" >&2; exit 2; }
chmod 755 "$work"
mkdir "$work/empty" "$work/view" "$work/logs"
as=()
[ -z "$user" ] || as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)

# attempt VIEW GUEST: its status; wall time in $took (s), output in the log.
attempt() {
    local view=$1 guest=$2 place=$work/$2-$1 seen=$work/$2-$1 prefix=() began=$EPOCHREALTIME status
    mkdir "$place"
    [ -z "$user" ] || chown "$user" "$place"
    local run=("$VUOS_ACTORS" run --seal --transport "$transport")
    case $view in
        none) prefix=("${run[@]}") ;;
        unrelated) prefix=("${run[@]}" -b "/usr/share:$work/empty") ;;
        inside) prefix=("${run[@]}" -b "$place:$work/view" -b /usr:/usr); seen=$work/view ;;
    esac
    timeout -k 10 300 "${as[@]}" "${prefix[@]}" bash "$self" --inside "$guest" "$seen" > "$work/logs/$guest-$view" 2>&1 < /dev/null
    status=$?
    took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
    # What the hypervisor complains about is no success, whatever the guest makes of it.
    [ $status != 0 ] || ! grep -q '^vuos-actors: ' "$work/logs/$guest-$view" || status=complaint
    echo "$status" > "$place.status"
    [ "$status" = 0 ]
}

failed=0
for guest in "${chosen[@]}"; do
    missing=''
    for program in ${needs[$guest]}; do
        command -v "$program" > /dev/null || missing+=" $program"
    done
    if [ -n "$missing" ]; then
        printf '%-20s skipped:%s is missing\n' "$guest" "$missing"
        continue
    fi
    if ! attempt native "$guest"; then
        printf '%-20s skipped: fails natively (status %s)\n' "$guest" "$(cat "$work/$guest-native.status")"
        continue
    fi
    line=$(printf '%-20s native %6s s' "$guest" "$took")
    for view in ${views//,/ }; do
        if attempt "$view" "$guest"; then
            line+=$(printf '   %s %6s s' "$view" "$took")
        else
            line+="   $view FAILED ($(cat "$work/$guest-$view.status"))"
            failed=1
        fi
    done
    echo "$line"
done
echo "logs, screenshots: $work"
exit $failed
