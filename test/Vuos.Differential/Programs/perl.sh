#!/bin/bash
# perl: files, fork, exec, pipes, signals, sockets, directory walks.
command -v perl > /dev/null || { echo skipped: no perl; exit; }
cd "$1" || exit 9
cat > p.pl <<'E'
#!/usr/bin/perl
use strict; use Cwd qw(getcwd realpath); use File::Find; use File::Copy; use File::Temp; use POSIX qw(:sys_wait_h mkfifo); use Socket; use IO::Handle;
$| = 1; my $root = $ARGV[0]; print getcwd() eq $root ? "cwd ok\n" : "cwd " . getcwd() . "\n"; print realpath('.') eq $root ? "real ok\n" : "no\n";
mkdir 'd'; mkdir 'd/e'; open my $f, '>', 'd/f' or die; print $f "line $_\n" for 1 .. 50; close $f; symlink 'f', 'd/l'; link 'd/f', 'd/h'; copy('d/f', 'd/c'); move('d/c', 'd/e/m');
my @seen; find({wanted => sub { push @seen, $File::Find::name }, no_chdir => 0}, 'd'); print join(' ', sort @seen), "\n";
print join(',', (stat 'd/f')[2, 3, 7]), ' ', readlink('d/l'), ' ', -l 'd/l' ? 1 : 0, -d 'd' ? 1 : 0, -e 'none' ? 1 : 0, "\n";
open(F, '<', 'none') or print "$!\n"; opendir(D, 'd'); print join(' ', sort readdir D), "\n"; closedir D; print `echo from a shell; exit 2`, $? >> 8, "\n"; print system('false') >> 8, "\n"; print system('./none') == -1 ? "$!\n" : "?\n";
my @kids; for my $i (1 .. 8) { my $p = fork; if (!$p) { exit $i } push @kids, $p } print join(' ', map { waitpid($_, 0); $? >> 8 } @kids), "\n";
local $SIG{USR1} = sub { print "usr1\n" }; kill USR1 => $$; my $p = fork; if (!$p) { exec 'sleep', 100 } kill 9, $p; waitpid $p, 0; print WTERMSIG($?), "\n";
eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; select undef, undef, undef, 5; }; print $@; open(P, '-|', 'cat', 'd/f') or die; my $n = 0; $n++ while <P>; close P; print "$n\n"; open(P, '|-', 'wc -c | tr -d " "'); print P 'x' x 100; close P;
socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC); $a->autoflush(1); print $a "sock\n"; print scalar <$b>; mkfifo('p', 0600); if (!($p = fork)) { open my $w, '>', 'p'; print $w "fifo\n"; close $w; exit } open my $r, '<', 'p'; print <$r>; waitpid $p, 0;
rename 'd', 'd2' and chdir 'd2/e' and print getcwd() eq "$root/d2/e" ? "ok\n" : "no\n"; chdir $root; unlink glob 'd2/e/*'; rmdir 'd2/e' or print $!; utime 1000, 2000, 'd2/f'; print +(stat 'd2/f')[9], "\n"; chmod 0604, 'd2/f'; printf "%o\n", (stat 'd2/f')[2]; truncate 'd2/f', 7; print -s 'd2/f', "\n"; exec 'echo', 'last';
E
chmod +x p.pl; ./p.pl "$1"; echo "status $?"
