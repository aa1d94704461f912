# Code that decides naming calls inside the guest (decision 18). Its bytes are in InGuestCode.cs; a unit test compares them.
#
# One page at a fixed address, data behind it: seccomp filters allow calls made from its first half, so what is decided here is no trap.
# A patched `syscall` instruction of the guest leads here by a call, with the kernel's convention: number in eax, arguments in rdi, rsi, rdx,
# r10, r8, r9; only rax, rcx, r11 and the flags may change. What is not certain is left to `trapped`, a syscall instruction outside the allowed
# half. Nothing is kept between calls, so signals, forks and other threads may come at any place. Where the path cannot be read, the tracer
# goes on at `leave`.

.set flags, _start + 0x1000             # InGuestLayout
.set mask, _start + 0x1004              # number of bits in the set - 1
.set set, _start + 0x2000

.set ENABLED, 1                         # InGuestFlags
.set RELATIVE, 2
.set RELATIVE_STAT, 4
.set DESCRIPTOR_STAT, 8

.set PATH_START, 0x811c9dc5             # NameSet
.set NAME_START, 0x3c6ef372
.set PRIME, 16777619
.set SPREAD, 0x9e3779b1
.set SPREAD_TOO, 0x7feb352d
.set MOUNT_MARK, 0x5bd1e995

.set NR_CLOSE, 3
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

.set how, 0                             # on the stack: struct open_how, then what the call is, then the registers
.set kind, 24
.set number, 32
.set third, 40                          # rdx
.set second, 56                         # rsi

.macro hash                             # ebp: the text so far; al: the next byte
    xor %eax, %ebp
    imul $PRIME, %ebp, %ebp
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
    add $32, %rsp
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
    sub $24, %rsp
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
    jz read
    inc %rbx
    jmp component

# Absolute: the first prefix that no mount point begins with decides; the text must be plain.
absolute:
    mov $PATH_START, %ebp
next:
    hash
    inc %rbx
    movzbl (%rbx), %eax
    test %al, %al
    jz read
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
    jc leave
    look_up %ebp
    jnc outside
    test %al, %al
    jz read
    jmp next

outside:                                # no mount can be met any more
    test %al, %al
    jz read
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

read:
    mov kind(%rsp), %ecx
    test $OPENS, %cl
    jnz open

# There is no stat(2) that refuses links, so they are looked for first, by an open that never succeeds.
    mov $LOOK, %eax
    test $NOFOLLOW, %cl
    jnz 2f
    test $FLAGS_THIRD, %cl
    jnz 1f
    mov %r10d, %edx
    test $FLAGS_FOURTH, %cl
    jz 3f
1:  test $AT_SYMLINK_NOFOLLOW, %edx
    jz 3f
2:  or $O_NOFOLLOW, %eax
3:  mov %rax, how(%rsp)
    movq $0, how + 8(%rsp)
    movq $RESOLVE_NO_SYMLINKS, how + 16(%rsp)
    mov %rsp, %rdx
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
    restore
    syscall
    ret

open:
    mov %edx, %eax                      # flags
    mov %r10d, %edx                     # mode
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
    mov %rsp, %rdx
    mov $24, %r10d
    mov $NR_OPENAT2, %eax
    syscall
    test %rax, %rax
    jns 3f
    cmp $-2, %rax                       # ENOENT: what a walk without links says is so in the view; other errors are asked for again
    je 3f
    cmp $-4, %rax                       # EINTR
    je 3f
    cmp $-13, %rax                      # EACCES
    je 3f
    cmp $-17, %rax                      # EEXIST
    je 3f
    cmp $-20, %rax                      # ENOTDIR
    jne leave
3:  mov %rax, number(%rsp)
    restore
    ret

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

.org 0x800
trapped:
    syscall
    ret

.globl reading, read, leave, trapped
