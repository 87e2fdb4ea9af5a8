// System calls of the slow path, in C because they are variadic, need _GNU_SOURCE, or are missing from Swift's Glibc.
#ifndef TM_SHIM_H
#define TM_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Opens a directory, never through a symbolic link at its end. -1 and errno on failure.
int tm_open_directory(const char *_Nonnull path);

// Creates an unnamed file in a directory (O_TMPFILE). -1 and errno; EOPNOTSUPP where the file system cannot.
int tm_create_unnamed(int directory, uint32_t mode);

// Creates a new named file, never through a symbolic link. -1 and errno on failure.
int tm_create_named(int directory, const char *_Nonnull name, uint32_t mode);

// Opens a file to read, never through a symbolic link and never waiting for a pipe. -1 and errno on failure.
int tm_open_to_read(const char *_Nonnull path);

// Gives an unnamed file its name. 0, or -1 and errno.
int tm_link(int file, int directory, const char *_Nonnull name);

// Takes, or gives up, the open file description's write lock on the first byte. 0, or -1 and errno.
int tm_lock(int file);
int tm_unlock(int file);

// Whether another open file description holds that lock: 1 yes, 0 no, -1 and errno.
int tm_is_locked(int file);

// Makes sure that the bytes are backed by memory or disk. 0, or an errno.
int tm_grant(int file, uint64_t offset, uint64_t length);

// Whether the file lies in memory (tmpfs, ramfs): 1 yes, 0 no, -1 and errno.
int tm_is_in_memory(int file);

// Maps a file from its start; the length may reach beyond its end. Null and errno on failure.
void *_Nullable tm_map_to_write(size_t length, int file);

// Puts zeroed memory of this process alone in a mapping's place, at once for all threads. 0, or -1 and errno.
int tm_map_private(void *_Nonnull base, size_t length);

// Lets all threads allocate from one heap, so that what one has freed serves the others. For a process' beginning.
void tm_share_one_heap(void);

// Gives memory that is free back to the kernel.
void tm_give_memory_back(void);

uint64_t tm_wall_clock_nanoseconds(void);
uint64_t tm_monotonic_nanoseconds(void);

// Forks. A child shares its parent's mapping and lock, so it would count into the parent's file and keep that file
// looking alive. Before fork returns in the child, a registered mapping is therefore replaced by private memory at the
// same address, its file is closed and `forked` is set: records stay harmless. The mutex is held across the fork, and
// whoever holds it may change the entry.
typedef struct tm_fork_entry {
    void *_Nullable base;
    size_t length;
    int file;
    uint32_t forked;
    uint64_t *_Nonnull own;  // words that become zero in the child
    size_t own_words;
    void *_Nonnull mutex;  // a pthread_mutex_t; its header here would hide Swift's own import of it
    struct tm_fork_entry *_Nullable next;
} tm_fork_entry;

// The entry must stay where it is until it is removed. Neither may be called under the entry's mutex, which a fork
// takes after its own. 0, or an errno.
int tm_fork_register(tm_fork_entry *_Nonnull entry);
// Whether this process is a fork of the one that registered the entry and has not been given a file of its own since.
static inline bool tm_is_forked(const tm_fork_entry *_Nonnull entry) {
    return __atomic_load_n(&entry->forked, __ATOMIC_ACQUIRE) != 0;
}
void tm_fork_remove(tm_fork_entry *_Nonnull entry);

#endif
