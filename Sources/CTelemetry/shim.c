#define _GNU_SOURCE
#include "CTelemetry.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

// https://man7.org/linux/man-pages/man2/statfs.2.html
#define TM_TMPFS_MAGIC 0x01021994
#define TM_RAMFS_MAGIC 0x858458f6

int tm_open_directory(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

int tm_create_unnamed(int directory, uint32_t mode) {
    int file = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    // A kernel or file system that does not know the flag sees a directory opened for writing.
    if (file < 0 && (errno == EISDIR || errno == ENOENT || errno == EINVAL)) errno = EOPNOTSUPP;
    return file;
}

int tm_create_named(int directory, const char *name, uint32_t mode) {
    return openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode);
}

int tm_open_to_read(const char *path) { return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }

int tm_link(int file, int directory, const char *name) {
    char self[64];
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", file);
    if (linkat(AT_FDCWD, self, directory, name, AT_SYMLINK_FOLLOW) == 0) return 0;
    // Without /proc this way remains, for those who may.
    return linkat(file, "", directory, name, AT_EMPTY_PATH);
}

static struct flock tm_first_byte(short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1, .l_pid = 0};
    return lock;
}

int tm_lock(int file) {
    struct flock lock = tm_first_byte(F_WRLCK);
    return fcntl(file, F_OFD_SETLK, &lock);
}

int tm_unlock(int file) {
    struct flock lock = tm_first_byte(F_UNLCK);
    return fcntl(file, F_OFD_SETLK, &lock);
}

int tm_is_locked(int file) {
    struct flock lock = tm_first_byte(F_WRLCK);
    if (fcntl(file, F_OFD_GETLK, &lock) != 0) return -1;
    return lock.l_type != F_UNLCK;
}

int tm_grant(int file, uint64_t offset, uint64_t length) {
    int result;
    int tries = 0;
    do result = posix_fallocate(file, (off_t)offset, (off_t)length);
    while (result == EINTR && ++tries < 100);
    return result;
}

int tm_is_in_memory(int file) {
    struct statfs facts;
    if (fstatfs(file, &facts) != 0) return -1;
    return (unsigned long)facts.f_type == TM_TMPFS_MAGIC || (unsigned long)facts.f_type == TM_RAMFS_MAGIC;
}

void *tm_map_to_write(size_t length, int file) {
    void *base = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return base == MAP_FAILED ? NULL : base;
}

int tm_map_private(void *base, size_t length) {
    void *memory = mmap(
        base, length, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? -1 : 0;
}

void tm_share_one_heap(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    // Left alone, glibc takes large blocks from the heap as well once some were freed, and what is small and stays then lies
    // between them: https://man7.org/linux/man-pages/man3/mallopt.3.html
    mallopt(M_MMAP_THRESHOLD, 64 << 10);
#endif
}

void tm_give_memory_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

uint64_t tm_wall_clock_nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t tm_monotonic_nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static pthread_mutex_t tm_fork_mutex = PTHREAD_MUTEX_INITIALIZER;
static tm_fork_entry *tm_fork_entries = NULL;
static pthread_once_t tm_fork_once = PTHREAD_ONCE_INIT;
static int tm_fork_result = 0;

static void tm_before_fork(void) {
    (void)pthread_mutex_lock(&tm_fork_mutex);
    for (tm_fork_entry *entry = tm_fork_entries; entry != NULL; entry = entry->next) {
        (void)pthread_mutex_lock(entry->mutex);
    }
}

static void tm_release_all(void) {
    for (tm_fork_entry *entry = tm_fork_entries; entry != NULL; entry = entry->next) {
        (void)pthread_mutex_unlock(entry->mutex);
    }
    (void)pthread_mutex_unlock(&tm_fork_mutex);
}

static void tm_in_child(void) {
    int saved = errno;
    for (tm_fork_entry *entry = tm_fork_entries; entry != NULL; entry = entry->next) {
        // Only calls that are safe after a fork of a process with threads.
        // Should it fail, the child counts into its parent's file: better than a crash.
        if (entry->base != NULL) (void)tm_map_private(entry->base, entry->length);
        for (size_t i = 0; i < entry->own_words; i++) __atomic_store_n(entry->own + i, 0, __ATOMIC_RELAXED);
        if (entry->file >= 0) (void)close(entry->file);
        entry->file = -1;
        __atomic_store_n(&entry->forked, 1, __ATOMIC_RELEASE);
    }
    tm_release_all();
    errno = saved;
}

static void tm_install_handlers(void) {
    tm_fork_result = pthread_atfork(tm_before_fork, tm_release_all, tm_in_child);
}

int tm_fork_register(tm_fork_entry *entry) {
    (void)pthread_once(&tm_fork_once, tm_install_handlers);
    if (tm_fork_result != 0) return tm_fork_result;
    (void)pthread_mutex_lock(&tm_fork_mutex);
    entry->next = tm_fork_entries;
    tm_fork_entries = entry;
    (void)pthread_mutex_unlock(&tm_fork_mutex);
    return 0;
}

void tm_fork_remove(tm_fork_entry *entry) {
    (void)pthread_mutex_lock(&tm_fork_mutex);
    for (tm_fork_entry **link = &tm_fork_entries; *link != NULL; link = &(*link)->next) {
        if (*link == entry) {
            *link = entry->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&tm_fork_mutex);
}
