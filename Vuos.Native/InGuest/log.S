# Part of names.S: what is opened through a layer, or from a directory that may lie in one, is written into the log, but not what is known to have been. r10: the path, rbx: its end, rdi: the directory.

.macro find_known                       # r11: the place in `known` of a file whose last component has the hash ebp
    imul $SPREAD, %ebp, %ebp
    shr $KNOWN_SHIFT, %ebp
    lea known(%rip), %r11
    lea (%r11,%rbp,8), %r11
.endm

log:                                    # descriptors are shown by the name they were opened by, so the tracer is told
    mov second(%rsp), %r10
    test $AT, %cl
    jnz 1f
    mov first(%rsp), %r10
1:  movq $0, base(%rsp)
    mov place(%rsp), %rax
    test %rax, %rax
    jz log_relative
    movzwl (%rax), %esi
    add %r10, %rsi                      # what is the same in both names
    movabs $PRIME_64, %rdx
2:  mov $NAME_START, %ebp
3:  cmp %rbx, %rsi
    je 4f
    movzbl (%rsi), %ecx
    inc %rsi
    hash_long
    cmp $'/', %cl
    je 2b
    hash %ecx
    jmp 3b
4:  find_known
    cmp %rax, (%r11)
    je logged
    jmp log_unknown

log_relative:                           # the first of a directory, and who had another name
    movabs $START_64, %rbp
    cmp $AT_FDCWD, %edi
    je 3f
    mov %r10, hashed(%rsp)
    lea nothing(%rip), %rsi
    mov %rsp, %rdx
    mov $AT_EMPTY_PATH, %r10d
    mov $NR_NEWFSTATAT, %eax
    syscall
    mov hashed(%rsp), %r10
    test %rax, %rax
    jnz leave
    movabs $PRIME_64, %rdx
    .irp field, ST_DEV, ST_INO, ST_CTIME, ST_CTIME + 8
    xor \field(%rsp), %rbp
    imul %rdx, %rbp
    .endr
3:  mov %rbp, %rax
    movabs $PRIME_64, %rdx
    mov %rbx, %rsi                      # the last component counts if it begins with a dot: the directory itself is not in it
4:  cmp %r10, %rsi
    je last
    cmpb $'/', -1(%rsi)
    je last
    dec %rsi
    jmp 4b
last:
    mov $NAME_START, %ebp
    mov %rsi, %rdi
5:  cmp %rbx, %rdi
    je last_hashed
    movzbl (%rdi), %ecx
    inc %rdi
    hash %ecx
    jmp 5b
last_hashed:
    find_known
    mov %rsi, %rdi
    cmpb $'.', (%rsi)
    jne 6f
    mov %rbx, %rdi
6:  mov %r10, %rsi
7:  cmp %rdi, %rsi
    je 8f
    movzbl (%rsi), %ecx
    inc %rsi
    hash_long
    jmp 7b
8:  mov %rax, %rcx
    shr $BASES_SHIFT, %rcx
    lea known_bases(%rip), %rdx
    lea (%rdx,%rcx,8), %rdx
    mov %rdx, seen(%rsp)
    cmp %rax, (%rdx)
    jne log_unknown
    cmpq $0, (%r11)
    je logged

log_unknown:                            # rax: hash; r11: where in `known`
    mov %rax, hashed(%rsp)
    mov %r11, known_at(%rsp)
    cmpq $0, place(%rsp)
    jne 2f
    testb $AT, kind(%rsp)
    jz 2f
    mov first(%rsp), %eax
    cmp $AT_FDCWD, %eax
    je 2f
    lea BUFFER - 1(%rsp), %rdi          # the directory's name, as /proc has it
    movb $0, (%rdi)
    mov $10, %ecx
1:  xor %edx, %edx
    div %ecx
    add $'0', %dl
    dec %rdi
    mov %dl, (%rdi)
    test %eax, %eax
    jnz 1b
    sub $descriptors_end - descriptors, %rdi
    mov %rdi, %rdx
    lea descriptors(%rip), %rsi
    mov $descriptors_end - descriptors, %ecx
    rep movsb
    mov %rdx, %rdi
    mov %rsp, %rsi
    mov $LONGEST_BASE, %edx
    mov $NR_READLINK, %eax
    syscall
    lea -1(%rax), %rcx
    cmp $LONGEST_BASE - 1, %rcx         # an error, or longer
    jae leave
    mov %rax, base(%rsp)
2:  sub %r10, %rbx                      # length of the path
    mov base(%rsp), %rax
    lea 1(%rax,%rbx), %rcx
    cmp $LONGEST, %rcx
    ja leave
    mov tail(%rip), %ecx
    sub head(%rip), %ecx
    cmp $MOST, %ecx
    jae leave
    mov $1, %ebp
    lock xadd %ebp, tail(%rip)
    mov %ebp, %edx
    and $SLOTS - 1, %edx
    shl $SLOT_SHIFT, %edx
    lea slots(%rip), %r11
    add %rdx, %r11
    lea SLOT_TEXT(%r11), %rdi
    mov $IN_VIEW, %edx
    cmpq $0, place(%rsp)
    jne 1f
    mov $FROM_CWD, %edx
    test %eax, %eax
    jz 1f
    mov $FROM_DIRECTORY, %edx
    mov %rsp, %rsi
    mov %eax, %ecx
    rep movsb
    movb $'/', (%rdi)
    inc %rdi
1:  mov %r10, %rsi
    mov %ebx, %ecx
    rep movsb
    movb $0, (%rdi)
    mov %dl, 4(%r11)
    mov %al, 5(%r11)
    inc %ebp
    mov %ebp, (%r11)
    mov hashed(%rsp), %rax
    mov known_at(%rsp), %r11
    cmp $IN_VIEW, %dl
    je 2f
    mov seen(%rsp), %rdx
    mov %rax, (%rdx)
    xor %eax, %eax
2:  mov %rax, (%r11)

logged:
    mov $AT_FDCWD, %edi
    mov %rsp, %rsi
    cmpq $0, place(%rsp)
    jne make
    mov %r10, %rsi
    testb $AT, kind(%rsp)
    jz make
    mov first(%rsp), %edi
