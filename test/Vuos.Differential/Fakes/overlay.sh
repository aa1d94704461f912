#!/bin/sh
# Stands in for the hypervisor to test the union tests: vufs cow is played by the kernel's overlayfs. Root only, and only for
# "run … --mount vufs:UPPER:LOWER:cow COMMAND"; merge and mincow are played by nothing at all, which is right when all is writable.
while [ $# -gt 0 ]; do
  case $1 in
    run | --seal | -N) shift ;;
    --transport | -m) shift 2 ;;
    --mount) mount=$2; shift 2 ;;
    *) break ;;
  esac
done
IFS=: read -r _ upper lower mode <<T
$mount
T
if [ "$mode" = cow ]; then
  mkdir -p "$upper.overlay/work" "$upper.overlay/upper"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper.overlay/upper,workdir=$upper.overlay/work,redirect_dir=on,index=off,metacopy=off" "$lower" || exit 125
fi
exec "$@"
