# Code that decides naming calls inside the guest (decision 18). Its bytes are in InGuestCode.cs; a unit test compares them.
#
# One page at a fixed address, data behind it: seccomp filters allow calls made from its first part, so what is decided here is no trap.
# A patched `syscall` instruction of the guest leads here by a call, with the kernel's convention: number in eax, arguments in rdi, rsi, rdx,
# r10, r8, r9; only rax, rcx, r11 and the flags may change. What is not certain is left to `trapped`, a syscall instruction outside the allowed
# part. Signals, forks and other threads may come at any place: nothing is kept between calls but a log of what was opened through a layer. Where
# the path cannot be read, the tracer goes on at `leave`. Goroutines have 800 bytes of stack here, of which their callers have used 250.

.set flags, _start + 0x1000             # InGuestLayout
.set mask, _start + 0x1004              # number of bits in the set - 1
.set version, _start + 0x1008           # odd while the rest is being changed
.set tail, _start + 0x100c              # the log: what the guest has written, and up to where the tracer has read
.set head, _start + 0x1010
.set known_bases, _start + 0x1200       # 64 hashes of directories (which, and of what time) from which files were opened, as it was logged
.set known, _start + 0x1400             # by last component, 128 of the paths that were logged last; 0: none but by such a directory
.set places, _start + 0x1800            # 256 times: hash of a path, offset of its text or 0; from the place of the hash on
.set texts, _start + 0x2000             # lengths of a path and its translation (16 bits each), both texts
.set slots, _start + 0xa000             # position + 1 (32 bits), kind, length of the directory's name, 2 bytes, text
.set set, _start + 0x20000

.set ENABLED, 1                         # InGuestFlags
.set RELATIVE, 2
.set RELATIVE_STAT, 4
.set DESCRIPTOR_STAT, 8
.set NAMED, 16

.set PATH_START, 0x811c9dc5             # NameSet
.set NAME_START, 0x3c6ef372
.set PRIME, 16777619
.set SPREAD, 0x9e3779b1
.set SPREAD_TOO, 0x7feb352d
.set MOUNT_MARK, 0x5bd1e995

.set START_64, 0xcbf29ce484222325
.set PRIME_64, 0x100000001b3
.set BASES_SHIFT, 58                    # 64 - 6
.set KNOWN_SHIFT, 25                    # 32 - 7
.set SLOTS, 128                         # InGuestLog
.set MOST, 112                          # logged, and not yet read: threads that come at once may go beyond
.set SLOT_SHIFT, 8
.set SLOT_TEXT, 8
.set LONGEST, 247                       # text in a slot
.set LONGEST_BASE, 160
.set IN_VIEW, 1                         # a path in the view; else one from the working directory, or behind the host's name of a directory
.set FROM_CWD, 2
.set FROM_DIRECTORY, 3

.set NR_CLOSE, 3
.set NR_READLINK, 89
.set NR_NEWFSTATAT, 262
.set ST_DEV, 0                          # struct stat
.set ST_INO, 8
.set ST_CTIME, 104
.set NR_OPENAT2, 437
.set LAST, 439                          # of the calls below

.set OPENS, 1                           # what a call is; the rest looks at what the path names
.set STATS, 2
.set LINKS, 4                           # reads links: those of /proc are the view's
.set AT, 8                              # a directory comes before the path
.set NOFOLLOW, 16
.set FLAGS_THIRD, 32                    # AT_SYMLINK_NOFOLLOW may be in this argument
.set FLAGS_FOURTH, 64
.set OTHERS, 128

.set AT_FDCWD, -100
.set AT_SYMLINK_NOFOLLOW, 0x100
.set AT_EMPTY_PATH, 0x1000
.set O_CREAT, 0x40
.set O_NOFOLLOW, 0x20000
.set LOOK, 0x90001                      # O_WRONLY | O_DIRECTORY | O_CLOEXEC: a directory gives EISDIR, all else ENOTDIR, a link ELOOP
.set RESOLVE_NO_SYMLINKS, 4

.set BUFFER, 192
.set how, BUFFER                        # on the stack: a translated path, struct open_how, …
.set place, how + 24                    # the text of the translation, or 0
.set seen, place + 8                    # the version it is of; then where in `known_bases`
.set hashed, seen + 8                   # for `known`, and where there
.set known_at, hashed + 8
.set base, known_at + 8                 # length of the directory's name at the begin of the buffer, or 0
.set single, base + 8                   # one component and no more
.set kind, single + 8                   # what the call is
.set number, kind + 8                   # the registers
.set third, number + 8                  # rdx
.set fourth, third + 8                  # r10
.set second, fourth + 8                 # rsi
.set first, second + 8                  # rdi

.macro hash byte=%eax                   # ebp: the text so far; byte: the next
    xor \byte, %ebp
    imul $PRIME, %ebp, %ebp
.endm

.macro hash_long                        # rax: the text so far; cl: the next byte; rdx: PRIME_64
    xor %rcx, %rax
    imul %rdx, %rax
.endm

.macro look_up value                    # carry: the value may be in the set
    imul $SPREAD, \value, %ecx
    shr $10, %ecx
    and mask(%rip), %ecx
    bt %ecx, set(%rip)
    jnc 9f
    imul $SPREAD_TOO, \value, %ecx
    shr $10, %ecx
    and mask(%rip), %ecx
    bt %ecx, set(%rip)
9:
.endm

.macro restore                          # the registers of the call
    add $number, %rsp
    pop %rax
    pop %rdx
    pop %r10
    pop %rsi
    pop %rdi
    pop %rbp
    pop %rbx
.endm

.text
.globl _start
_start:
    cmp $LAST, %eax
    ja trapped
    mov %eax, %ecx
    lea kinds(%rip), %r11
    movzbl (%r11,%rcx), %ecx
    test %ecx, %ecx
    jz trapped
    testl $ENABLED, flags(%rip)
    jz trapped
    push %rbx
    push %rbp
    push %rdi
    push %rsi
    push %r10
    push %rdx
    push %rax
    push %rcx
    sub $kind, %rsp
    movq $0, place(%rsp)
    movb $0, single(%rsp)
    test $AT, %cl
    jnz 1f
    mov %rdi, %rsi                      # the older calls, as if they were the newer ones
    mov $AT_FDCWD, %edi
1:  mov %rsi, %rbx
    test %rbx, %rbx
    jz leave

reading:                                # from here to `read` a fault means EFAULT, which the kernel will say
    movzbl (%rbx), %eax
    test %al, %al
    jz empty
    cmp $'/', %al
    je absolute

# Relative: no component that a mount point is called, and none that leads up.
    test $LINKS, %cl
    jnz leave
    mov $RELATIVE_STAT, %eax
    test $STATS, %cl
    jnz 1f
    mov $RELATIVE, %eax
1:  test %eax, flags(%rip)
    jz leave
    movb $1, single(%rsp)
component:
    mov $NAME_START, %ebp
    movzbl (%rbx), %eax
    cmp $'.', %al
    jne 2f
    cmpb $'.', 1(%rbx)
    jne 2f
    movzbl 2(%rbx), %ecx
    test %cl, %cl
    jz leave
    cmp $'/', %cl
    je leave
2:  test %al, %al
    jz 3f
    cmp $'/', %al
    je 3f
    hash
    inc %rbx
    movzbl (%rbx), %eax
    jmp 2b
3:  look_up %ebp
    jc leave
    test %al, %al
    jz told
    movb $0, single(%rsp)
    inc %rbx
    jmp component

# Absolute: the first prefix that no mount point begins with decides; the text must be plain.
absolute:
    mov version(%rip), %eax
    mov %eax, seen(%rsp)
    movzbl (%rbx), %eax
    mov $PATH_START, %ebp
next:
    hash
    inc %rbx
    movzbl (%rbx), %eax
    test %al, %al
    jz walked
    cmp $'/', %al
    je leave
    cmp $'.', %al
    jne 5f
    movzbl 1(%rbx), %ecx
    cmp $'.', %cl
    jne 4f
    movzbl 2(%rbx), %ecx
4:  test %cl, %cl
    jz leave
    cmp $'/', %cl
    je leave
5:  hash
    inc %rbx
    movzbl (%rbx), %eax
    test %al, %al
    jz 6f
    cmp $'/', %al
    jne 5b
6:  mov %ebp, %r11d
    xor $MOUNT_MARK, %r11d
    look_up %r11d
    jc mounted
deeper:
    look_up %ebp
    jnc outside
    test %al, %al
    jz walked
    jmp next

mounted:                                # here, or this is where a mount leads: so far the path is replaced, if that is known
    mov %ebp, %ecx
    lea places(%rip), %r11
1:  movzbl %cl, %ecx
    mov 4(%r11,%rcx,8), %edx
    test %edx, %edx
    jz leave
    cmp %ebp, (%r11,%rcx,8)
    je 2f
    inc %ecx
    jmp 1b
2:  lea texts(%rip), %r11
    add %rdx, %r11
    movzwl (%r11), %ecx
    mov %rbx, %rdx
    sub %rsi, %rdx
    cmp %rdx, %rcx
    jne leave
    mov %rsi, %r10
    lea 4(%r11), %rdi
    repe cmpsb
    mov %r10, %rsi
    jne leave
    mov %r11, place(%rsp)
    jmp deeper

outside:                                # no mount can be met any more
    test %al, %al
    jz walked
    cmp $'/', %al
    jne 8f
    movzbl 1(%rbx), %eax
    cmp $'/', %al
    je leave
    cmp $'.', %al
    jne 8f
    movzbl 2(%rbx), %ecx
    cmp $'.', %cl
    jne 7f
    movzbl 3(%rbx), %ecx
7:  test %cl, %cl
    jz leave
    cmp $'/', %cl
    je leave
8:  inc %rbx
    movzbl (%rbx), %eax
    jmp outside

empty:                                  # fstat(3) of C libraries: an empty path and AT_EMPTY_PATH
    testl $DESCRIPTOR_STAT, flags(%rip)
    jz leave
    test $STATS, %cl
    jz leave
    test %edi, %edi
    js leave
    mov %edx, %eax
    test $FLAGS_THIRD, %cl
    jnz 1f
    mov %r10d, %eax
    test $FLAGS_FOURTH, %cl
    jz leave
1:  test $AT_EMPTY_PATH, %eax
    jz leave
    jmp direct

walked:
    mov place(%rsp), %r11
    test %r11, %r11
    jz told
    movzwl (%r11), %ecx
    movzwl 2(%r11), %edx
    lea 4(%r11,%rcx), %r11              # the new beginning
    add %rsi, %rcx                      # the rest
    mov %rbx, %rax
    sub %rcx, %rax
    lea (%rax,%rdx), %r10
    dec %r10                            # the root has no text
    cmp $BUFFER - 2, %r10
    ja leave
    mov %rcx, %r10
    mov %rsp, %rdi
    mov %r11, %rsi
    mov %edx, %ecx
    rep movsb
    mov %r10, %rsi
    mov %eax, %ecx
    rep movsb
    movb $0, (%rdi)
    mov seen(%rsp), %eax
    test $1, %al
    jnz leave
    cmp %eax, version(%rip)
    jne leave
    mov $AT_FDCWD, %edi
    mov %rsp, %rsi

told:                                   # rdi, rsi: what the kernel is to be told
    mov kind(%rsp), %ecx
    test $OPENS, %cl
    jnz open

# There is no stat(2) that refuses links, so they are looked for first, by an open that never succeeds.
    mov $LOOK, %eax
    test $NOFOLLOW, %cl
    jnz 2f
    mov third(%rsp), %edx
    test $FLAGS_THIRD, %cl
    jnz 1f
    mov fourth(%rsp), %edx
    test $FLAGS_FOURTH, %cl
    jz 3f
1:  test $AT_SYMLINK_NOFOLLOW, %edx
    jz 3f
2:  cmpb $0, single(%rsp)               # nothing is followed
    jne direct
    or $O_NOFOLLOW, %eax
3:  mov %rax, how(%rsp)
    movq $0, how + 8(%rsp)
    movq $RESOLVE_NO_SYMLINKS, how + 16(%rsp)
    lea how(%rsp), %rdx
    mov $24, %r10d
    mov $NR_OPENAT2, %eax
    syscall
    cmp $-20, %rax                      # ENOTDIR
    je direct
    cmp $-21, %rax                      # EISDIR
    je direct
    cmp $-2, %rax                       # ENOENT
    je direct
    test %rax, %rax
    js leave
    mov %eax, %edi                      # no kernel does that
    mov $NR_CLOSE, %eax
    syscall
leave:
    restore
    jmp trapped

direct:
    cmpq $0, place(%rsp)
    jne 1f
    restore
    syscall
    ret
1:  mov third(%rsp), %rdx
    mov fourth(%rsp), %r10
    testb $AT, kind(%rsp)
    jnz 2f
    mov %rsi, %rdi
    mov second(%rsp), %rsi
2:  mov number(%rsp), %rax
    syscall
answer:
    mov %rax, number(%rsp)
    restore
    ret

open:
    mov third(%rsp), %eax               # flags
    mov fourth(%rsp), %edx              # mode
    test $AT, %cl
    jnz 1f
    mov second(%rsp), %eax
    mov third(%rsp), %edx
1:  test $~0x1fffc3, %eax               # O_PATH, O_TMPFILE, what openat2 does not know
    jnz leave
    and $07777, %edx
    test $O_CREAT, %al
    jnz 2f
    xor %edx, %edx
2:  mov %rax, how(%rsp)
    mov %rdx, how + 8(%rsp)
    movq $RESOLVE_NO_SYMLINKS, how + 16(%rsp)
    cmpq $0, place(%rsp)
    jne log
    cmpb $'/', (%rsi)
    je make
    testl $NAMED, flags(%rip)           # the directory may have been opened through a layer
    jnz log
    cmpl $0, tail(%rip)
    je make

    .include "log.S"

make:
    lea how(%rsp), %rdx
    mov $24, %r10d
    mov $NR_OPENAT2, %eax
    syscall
    test %rax, %rax
    jns answer
    cmp $-2, %rax                       # ENOENT: what a walk without links says is so in the view; other errors are asked for again
    je answer
    cmp $-4, %rax                       # EINTR
    je answer
    cmp $-13, %rax                      # EACCES
    je answer
    cmp $-17, %rax                      # EEXIST
    je answer
    cmp $-20, %rax                      # ENOTDIR
    je answer
    jmp leave
read:

descriptors:
    .ascii "/proc/thread-self/fd/"
descriptors_end:
nothing:
    .byte 0

.macro call nr, what
    .org kinds + \nr
    .byte \what
.endm

kinds:
    call 2, OPENS                                       # open
    call 4, STATS                                       # stat
    call 6, STATS + NOFOLLOW                            # lstat
    call 21, OTHERS                                     # access
    call 89, OTHERS + LINKS + NOFOLLOW                  # readlink
    call 137, OTHERS                                    # statfs
    call 191, OTHERS                                    # getxattr
    call 192, OTHERS + NOFOLLOW                         # lgetxattr
    call 194, OTHERS                                    # listxattr
    call 195, OTHERS + NOFOLLOW                         # llistxattr
    call 257, OPENS + AT                                # openat
    call 262, STATS + AT + FLAGS_FOURTH                 # newfstatat
    call 267, OTHERS + LINKS + AT + NOFOLLOW            # readlinkat
    call 269, OTHERS + AT                               # faccessat
    call 332, STATS + AT + FLAGS_THIRD                  # statx
    call LAST, OTHERS + AT + FLAGS_FOURTH               # faccessat2

.org 0xc00
trapped:
    syscall
    ret

.globl reading, read, leave, trapped
