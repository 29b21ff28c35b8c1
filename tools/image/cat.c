/* The image's one program: copy the files that are named to standard output. No library, so that the image needs none. */

static long ask(long what, long first, long second, long third) {
    long answer;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "0"(what), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return answer;
}

enum { READ = 0, WRITE = 1, OPEN = 2, EXIT = 60 };

static long copy(const char *path) {
    char buffer[4096];
    long file = ask(OPEN, (long)path, 0, 0), length;
    if (file < 0) return 1;
    while ((length = ask(READ, file, (long)buffer, sizeof buffer)) > 0)
        if (ask(WRITE, 1, (long)buffer, length) != length) return 1;
    return length != 0;
}

__attribute__((used)) static void begin(long *stack) {
    long count = stack[0], failed = 0;
    for (long i = 1; i < count; i++) failed |= copy((const char *)stack[1 + i]);
    ask(EXIT, failed, 0, 0);
}

/* The kernel leaves argc, argv at the top of the stack, as no C function expects them. */
__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");
