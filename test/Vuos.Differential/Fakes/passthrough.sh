#!/bin/sh
# Stands in for the hypervisor, to test the harness: drops the options, makes -b a real bind mount, runs the command.
# VUOS_ACTORS=.../passthrough.sh must give zero differences.
source='' target=''
[ "$1" = run ] && shift
while :; do
  case "$1" in
    -b) source=${2%%:*} target=${2#*:}; shift 2;;
    --transport|-m) shift 2;;
    -*) shift;;
    *) break;;
  esac
done
[ -z "$target" ] && exec "$@"
if [ "$(id -u)" = 0 ]; then
  mount --bind "$source" "$target" && exec "$@"
else
  exec unshare -U --map-current-user --keep-caps -m sh -c 'mount --bind "$0" "$1" && shift && exec setpriv --inh-caps=-all --ambient-caps=-all "$@"' \
    "$source" "$target" "$@"
fi
