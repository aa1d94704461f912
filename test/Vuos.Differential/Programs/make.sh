#!/bin/bash
# gcc and make -j4 on a generated project of 60 files with a library, a generated header and a test program.
command -v gcc make > /dev/null || { echo skipped: no gcc or make; exit; }
cd "$1" || exit 9
mkdir -p src include lib
for i in $(seq 60); do
  printf '#include "all.h"\n#include <stdio.h>\n#include <string.h>\nint f%d(int x) { char b[32]; snprintf(b, sizeof b, "%%d", x); return (int)strlen(b) + %d; }\n' "$i" "$i" > "src/f$i.c"
done
cat > src/main.c <<'E'
#include "all.h"
#include <stdio.h>
int main(void) { int s = 0; for (int i = 0; i < N; i++) s += table[i](i); printf("sum %d\n", s); return s % 256; }
E
cat > Makefile <<'E'
OBJ := $(patsubst src/%.c,lib/%.o,$(wildcard src/f*.c))
CFLAGS := -O0 -Iinclude
all: prog static
prog: lib/main.o lib/table.o lib/liball.so
	@$(CC) -o $@ lib/main.o lib/table.o -Llib -lall -Wl,-rpath,'$$ORIGIN/lib'
static: lib/main.o lib/table.o lib/liball.a
	@$(CC) -o $@ lib/main.o lib/table.o lib/liball.a
lib/liball.so: $(OBJ)
	@$(CC) -shared -o $@ $(OBJ)
lib/liball.a: $(OBJ)
	@$(AR) rcsD $@ $(sort $(OBJ))
include/all.h: $(wildcard src/f*.c)
	@{ echo '#pragma once'; echo '#define N $(words $(OBJ))'; for i in $$(seq $(words $(OBJ))); do echo "int f$$i(int);"; done; echo 'extern int (*table[N])(int);'; } > $@
lib/table.c: include/all.h
	@{ echo '#include "all.h"'; echo 'int (*table[N])(int) = {'; for i in $$(seq $(words $(OBJ))); do echo "f$$i,"; done; echo '};'; } > $@
lib/table.o: lib/table.c include/all.h
	@$(CC) $(CFLAGS) -fPIC -c -o $@ $<
lib/%.o: src/%.c include/all.h
	@$(CC) $(CFLAGS) -fPIC -c -o $@ $<
clean:
	@rm -rf prog static lib/* include/*
E
make -j4; echo "make $?"; ./prog; echo "prog $?"; ./static; echo "static $?"; ls lib | wc -l; nm lib/liball.a 2>/dev/null | grep -c ' T '
make -j4; touch src/f7.c; make -n 2>/dev/null | grep -c .; make -j4; objdump -d lib/f7.o | grep -c call; size static | tail -n 1 | awk '{print NF}'
echo 'int x = ;' > src/f3.c; make -j4 -k 2>&1 | grep -c 'error: expected'; gcc -E -Iinclude src/main.c | grep -c 'int f'; echo 'int main(){return 3;}' | gcc -x c - -o three; ./three; echo "three $?"; strip three; file three 2>/dev/null | cut -d, -f1; make clean; ls
