#!/bin/sh
# strace in the place of the hypervisor, for the views without a layer: it has no views, but traces every call.

[ "$1" = run ] && shift
while :; do
  case "$1" in
    -b) shift 2;;
    --transport|-m) shift 2;;
    -*) shift;;
    *) break;;
  esac
done
exec strace -f -o /dev/null "$@"
