// Lets the N-th system call that changes a file below a folder fail, or be the last thing that its process does. For
// LD_PRELOAD; scripts/torture compiles and uses it.
//
//   FAULT_FOLDERS  only files below these count; a colon between two
//   FAULT_AT       which call, from 1; 0 only counts
//   FAULT_KIND     kill: the process is killed before the call; after: killed after it; torn: half of what is written
//                  is, then it is killed; eio, enospc: the call fails
//   FAULT_TIMES    how many calls in a row fail (eio, enospc); 1 unless told otherwise
//   FAULT_COUNT    a file of 8 bytes that keeps the number of calls seen
//   FAULT_PID      what getpid() answers: how a new process has a dead one's number
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folders;
static long fault_at, fault_times;
static enum { KILL, AFTER, TORN, EIO_, ENOSPC_ } kind;
static long false_pid;
static _Atomic long own_count;
static _Atomic long *count = &own_count;

enum verdict { PASS, DIE_AFTER, DIE_TORN, FAIL };

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAULT_PID");
    if (text) false_pid = atol(text);
    folders = getenv("FAULT_FOLDERS");
    if (!folders) return;
    text = getenv("FAULT_AT");
    fault_at = text ? atol(text) : 0;
    text = getenv("FAULT_TIMES");
    fault_times = text ? atol(text) : 1;
    text = getenv("FAULT_KIND");
    if (text && !strcmp(text, "after")) kind = AFTER;
    if (text && !strcmp(text, "torn")) kind = TORN;
    if (text && !strcmp(text, "eio")) kind = EIO_;
    if (text && !strcmp(text, "enospc")) kind = ENOSPC_;
    text = getenv("FAULT_COUNT");
    if (!text) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || syscall(SYS_ftruncate, file, 8) != 0) return;
    void *map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) count = map;
    close(file);
}

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

/// What becomes of a call on such a file.
static enum verdict judge(void) {
    long number = atomic_fetch_add(count, 1) + 1;
    if (fault_at == 0 || number < fault_at) return PASS;
    if (kind == EIO_ || kind == ENOSPC_) return number < fault_at + fault_times ? FAIL : PASS;
    if (number > fault_at) return PASS;
    if (kind == KILL) die();
    return kind == AFTER ? DIE_AFTER : DIE_TORN;
}

static int is_ours(const char *path) {
    if (!path) return 0;
    for (const char *folder = folders; folder;) {
        const char *colon = strchr(folder, ':');
        size_t length = colon ? (size_t)(colon - folder) : strlen(folder);
        if (length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/') return 1;
        folder = colon ? colon + 1 : NULL;
    }
    return 0;
}

static int is_open_on_ours(int file) {
    char link[64], path[PATH_MAX];
    if (!folders) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static long fail(void) {
    errno = kind == EIO_ ? EIO : ENOSPC;
    return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITING(name, extra_parameters, extra_arguments)                                       \
    ssize_t name(int file, const void *bytes, size_t size extra_parameters) {                  \
        if (!is_open_on_ours(file)) return REAL(name)(file, bytes, size extra_arguments);      \
        enum verdict verdict = judge();                                                        \
        if (verdict == FAIL) return fail();                                                    \
        size_t amount = verdict == DIE_TORN ? size / 2 : size;                                 \
        ssize_t result = REAL(name)(file, bytes, amount extra_arguments);                      \
        if (verdict != PASS) die();                                                            \
        return result;                                                                         \
    }

#define COMMA ,
WRITING(write, , )
WRITING(pwrite, COMMA off_t offset, COMMA offset)
WRITING(pwrite64, COMMA off64_t offset, COMMA offset)

#define CHANGING(name, parameters, arguments, condition)                                       \
    int name parameters {                                                                      \
        if (!(condition)) return REAL(name) arguments;                                         \
        enum verdict verdict = judge();                                                        \
        if (verdict == FAIL) return (int)fail();                                               \
        if (verdict == DIE_TORN) die();                                                        \
        int result = REAL(name) arguments;                                                     \
        if (verdict != PASS) die();                                                            \
        return result;                                                                         \
    }

CHANGING(fsync, (int file), (file), is_open_on_ours(file))
CHANGING(fdatasync, (int file), (file), is_open_on_ours(file))
CHANGING(ftruncate, (int file, off_t size), (file, size), is_open_on_ours(file))
CHANGING(ftruncate64, (int file, off64_t size), (file, size), is_open_on_ours(file))
CHANGING(rename, (const char *from, const char *to), (from, to), is_ours(to))
CHANGING(unlink, (const char *path), (path), is_ours(path))
CHANGING(renameat, (int from_folder, const char *from, int to_folder, const char *to),
         (from_folder, from, to_folder, to), is_ours(to) || is_open_on_ours(to_folder))
CHANGING(unlinkat, (int in, const char *path, int flags), (in, path, flags), is_ours(path) || is_open_on_ours(in))

pid_t getpid(void) { return false_pid ? (pid_t)false_pid : (pid_t)syscall(SYS_getpid); }
