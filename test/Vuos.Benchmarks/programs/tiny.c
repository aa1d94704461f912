// The smallest guest: with no argument it ends at once (fork+exec, whole runs); with one it prints the monotonic
// clock in ns as the first thing it does (time to the first guest instruction). Linked statically, so that no
// dynamic loader opens files.
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
    (void)argv;
    if (argc < 2)
        return 0;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    printf("%lld\n", t.tv_sec * 1000000000LL + t.tv_nsec);
    return 0;
}
