#!/bin/sh
# Stands in for the hypervisor, to test the harness: drops the options, makes -b a real bind mount, runs the command as
# a child. With VUOS_ACTORS naming this file the corpus, the programs and the storm must show zero differences.
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
case "$target" in
  */work) ;;
  *) "$@"; exit;;
esac
if [ "$(id -u)" = 0 ]; then
  mount --bind "$source" "$target" || exit 125
  "$@"
  exit
fi
# Without privilege: the files are made in the directory itself and moved to the source afterwards.
rm -f "$target/this-file-lies-below-the-mount"
"$@"
status=$?
for file in "$target"/* "$target"/.[!.]*; do
  # A directory that its owner may not write cannot be moved: its ".." changes.
  [ -d "$file" ] && [ ! -L "$file" ] && chmod u+rwx "$file"
  [ -e "$file" ] || [ -L "$file" ] && mv "$file" "$source/"
done
exit $status
