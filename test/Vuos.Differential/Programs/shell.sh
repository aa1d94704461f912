#!/bin/bash
# bash and dash: pipes, redirections, traps, jobs, here-documents, globs.
cd "$1" || exit 9
pwd
echo one > a; echo two >> a; cat a | tr a-z A-Z
for i in 1 2 3; do (echo sub $i; exit $i); echo "status $?"; done
diff <(sort a) <(sort -r a); echo "diff $?"
mkdir -p x/y/z; cd x/y/z; echo "$OLDPWD"; pwd -P; cd - ; cd "$1"
ln -s x/y l; cd l; pwd; pwd -P; cd ..; pwd; ls; cd "$1"
trap 'echo got usr1' USR1; kill -USR1 $$; trap - USR1
sleep 0.1 & wait $!; echo "waited $?"
(sh -c 'kill -9 $$'; exit $?) 2>/dev/null; echo "killed $?"
cat <<E
here $(echo doc)
E
shopt -s globstar; echo **; echo x/*/; [[ -d l && -L l ]] && echo link to dir
test -e nowhere || echo no; : > "$1/abs"; ls -l abs | cut -c1-10
exec 7<>a; read -r line <&7; echo "$line"; exec 7>&-
set -o pipefail; false | true; echo "pipefail $?"
coproc cat; echo through coproc >&"${COPROC[1]}"; read -r line <&"${COPROC[0]}"; echo "$line"; eval "exec ${COPROC[1]}>&-"; wait
dash -c 'echo dash; x=$(echo sub); echo $x; for f in *; do echo "$f"; done; cd l; pwd; exec ls /nowhere-at-all'; echo "dash $?"
./nowhere; echo "$?"; ./a; echo "$?"; ./x; echo "$?"
umask 027; touch um; stat -c '%a %n' um; ulimit -n
printf '#!/bin/sh\necho script "$0" "$@"\n' > s; chmod +x s; ./s 1 '2 3'; PATH=.:$PATH s via path
type -t cd; hash -r; command -v ls
