#!/bin/sh
# Another tracer in the place of the hypervisor, to see that the harness finds differences: proot, which has some.
bind=''
[ "$1" = run ] && shift
while :; do
  case "$1" in
    -b) bind="-b $2"; shift 2;;
    --transport|-m) shift 2;;
    -*) shift;;
    *) break;;
  esac
done
exec proot $bind "$@"
