#!/bin/bash
# git: init, commit, branches, merge with a conflict, clone, gc, fsck, stash, worktree, archive.
command -v git > /dev/null || { echo skipped: no git; exit; }
cd "$1" || exit 9
export HOME=$1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@d GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000' GIT_CONFIG_NOSYSTEM=1
git config --global init.defaultBranch main; git config --global protocol.file.allow always; git config --global advice.detachedHead false
git init r; cd r || exit 9
for i in $(seq 40); do mkdir -p "d$((i % 4))"; seq "$i" > "d$((i % 4))/f$i"; done; ln -s d0 link; chmod +x d1/f1
git add -A; git commit -qm first; git rev-parse HEAD; git status --short; git ls-files -s | md5sum
echo change >> d0/f4; git rm -q d1/f5; echo new > new; git status; git diff | md5sum; git add -A; git commit -qm second; git log --stat --oneline | cat
git checkout -q -b side HEAD~1; echo other >> d0/f4; git commit -qam side; git merge main; echo "merge $?"; git status --short; git checkout --theirs d0/f4; git add -A; git commit -qm merged; git log --graph --oneline | cat
cd ..; git clone -q r clone; git clone -q --bare "file://$1/r" bare.git; cd clone || exit 9; git log --oneline | head -n 3; echo w > w; git stash -uq; git stash list; git stash pop -q; git status --short
git checkout -q -b push; git add w; git commit -qm pushed; git push -q ../bare.git push; git -C ../bare.git branch | cat; git worktree add -q ../wt main; ls ../wt | head -n 3; git tag v1; git describe --tags; git archive HEAD | tar -t | wc -l
git repack -adq; git gc -q; git fsck --full; echo "fsck $?"; git count-objects -v | grep -E 'count|in-pack'; git grep -n change -- d0; git blame -s d0/f4 | tail -n 1; git bisect start -q HEAD HEAD~2 > /dev/null; git bisect reset -q; git clean -nd; git submodule status; git rev-parse HEAD
printf '#!/bin/sh\necho hook ran\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git commit -q --allow-empty -m hook
