// Writes a Tidemark telemetry file from C, or from whatever can call C: everything is inline in this header and the two
// that it includes. docs/TELEMETRY.md is the specification. Linux; C11 with GCC's or Clang's atomics.
//
//     cc -I Examples/c-writer -I Sources/CTelemetry/include Examples/c-writer/writer.c -o writer -pthread
//
// Recording takes no lock, makes no system call and cannot fail. Registering a series takes a lock and may make system
// calls: ask once for each series and keep the answer. After fork() a child must not use its parent's writer: open another.
#ifndef TIDEMARK_WRITER_H
#define TIDEMARK_WRITER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // O_TMPFILE, F_OFD_SETLK; this header therefore comes before the C library's
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record.h"

enum tidemark_outcome {
    TIDEMARK_SUCCESS, TIDEMARK_THROTTLED, TIDEMARK_CONDITION_FAILED, TIDEMARK_TRANSACTION_CONFLICT, TIDEMARK_VALIDATION,
    TIDEMARK_ACCESS_DENIED, TIDEMARK_CREDENTIALS, TIDEMARK_NOT_FOUND, TIDEMARK_SERVER, TIDEMARK_TIMEOUT,
    TIDEMARK_NETWORK, TIDEMARK_CANCELLED, TIDEMARK_CLIENT, TIDEMARK_MALFORMED_RESPONSE,
    TIDEMARK_CIRCUIT_OPEN
};

enum { TIDEMARK_MAXIMUM_BYTES = 32 << 20, TIDEMARK_KEY_EVENTS = 8192, TIDEMARK_GROWTH_STEP = 256 << 10 };

typedef struct {
    tm_map map;
    int file;
    pthread_mutex_t mutex;  // of registering
    uint64_t series[TM_SERIES_CAPACITY];
} tidemark_writer;

// Makes sure that bytes up to `end` are there before anybody touches them. Under the mutex.
static inline bool tidemark_grow(tidemark_writer *writer, uint64_t end) {
    uint64_t *granted = tm_header(&writer->map) + TM_WORD_GRANTED;
    uint64_t now = tm_load(granted);
    if (end <= now) return true;
    uint64_t target = (end + TIDEMARK_GROWTH_STEP - 1) / TIDEMARK_GROWTH_STEP * TIDEMARK_GROWTH_STEP;
    if (target > writer->map.length) target = writer->map.length;
    if (end > target || posix_fallocate(writer->file, (off_t)now, (off_t)(target - now)) != 0) return false;
    tm_store_release(granted, target);
    return true;
}

// Writes a series' block and then publishes it. Under the mutex.
static inline bool tidemark_add_series(tidemark_writer *writer, uint32_t place, const char *const parts[4]) {
    size_t lengths[4], sum = 0;
    for (int i = 0; i < 4; i++) sum += lengths[i] = strlen(parts[i]);
    uint64_t start;
    if (sum > TM_SERIES_KEY_BYTES || (start = tm_take(&writer->map, TM_SERIES_BYTES)) == 0) return false;
    uint8_t *block = writer->map.base + start, *text = block + TM_SERIES_KEY_OFFSET + 8;
    uint64_t packed = 0;
    for (int i = 0; i < 4; text += lengths[i++]) {
        memcpy(text, parts[i], lengths[i]);
        packed |= (uint64_t)lengths[i] << (16 * i);
    }
    tm_store((uint64_t *)(void *)(block + TM_SERIES_KEY_OFFSET), packed);
    uint32_t *directory = (uint32_t *)(void *)(writer->map.base + TM_SERIES_DIRECTORY_OFFSET);
    tm_store32_release(directory + place, (uint32_t)(start / TM_UNIT));
    tm_store_release(tm_header(&writer->map) + TM_WORD_SERIES_COUNT, place + 1);
    // `other`, at place 0, stands in wherever nothing is registered.
    for (uint32_t i = place; i < (place == 0 ? TM_SERIES_CAPACITY : place + 1); i++) {
        tm_store_release(writer->map.series + i, (uint64_t)(uintptr_t)block);
    }
    return true;
}

static inline bool tidemark_is_series(const tidemark_writer *writer, uint32_t place, const char *const parts[4]) {
    const uint8_t *block = (const uint8_t *)tm_series(&writer->map, place);
    const uint8_t *text = block + TM_SERIES_KEY_OFFSET + 8;
    uint64_t packed = tm_load((const uint64_t *)(const void *)(block + TM_SERIES_KEY_OFFSET));
    for (int i = 0; i < 4; i++) {
        size_t length = packed >> (16 * i) & 0xffff;
        if (length != strlen(parts[i]) || memcmp(text, parts[i], length) != 0) return false;
        text += length;
    }
    return true;
}

// The place of a series; an empty string means "none". 0, which is `other`, when there is no room.
static inline uint32_t tidemark_series(
    tidemark_writer *writer, const char *table, const char *index, const char *operation, const char *pattern) {
    const char *const parts[4] = {table, index, operation, pattern};
    uint64_t *header = tm_header(&writer->map);
    uint64_t need = TM_SERIES_BYTES + (uint64_t)TM_OCTAVES * TM_CHUNK_BYTES;
    (void)pthread_mutex_lock(&writer->mutex);
    uint32_t count = (uint32_t)tm_load(header + TM_WORD_SERIES_COUNT), place = 0;
    while (place < count && !tidemark_is_series(writer, place, parts)) place++;
    if (place == count
        && (place == TM_SERIES_CAPACITY || !tidemark_grow(writer, tm_load(header + TM_WORD_ARENA_CURSOR) + need)
            || !tidemark_add_series(writer, place, parts))) {
        tm_add(header + TM_WORD_REFUSED_SERIES, 1);
        place = 0;
    }
    (void)pthread_mutex_unlock(&writer->mutex);
    return place;
}

static inline uint64_t tidemark_put_name(uint8_t *target, const char *name) {
    // By hand: a compiler that inlines strnlen takes its bound for what is read, and warns of names that are shorter.
    size_t length = 0;
    while (length < TM_NAME_BYTES && name[length] != 0) length++;
    memcpy(target, name, length);
    return length;
}

static inline bool tidemark_fill_in(tidemark_writer *writer, const char *service, const char *environment) {
    static const char *const other[4] = {"", "", "other", ""};
    uint64_t *header = tm_header(&writer->map);
    struct timespec now;
    uint64_t id[2];
    if (getrandom(id, sizeof id, 0) != sizeof id || clock_gettime(CLOCK_REALTIME, &now) != 0) return false;
    header[TM_WORD_VERSION] = TM_LAYOUT_VERSION;
    header[TM_WORD_REVISION] = TM_REVISION;
    header[TM_WORD_ID_HIGH] = id[0];
    header[TM_WORD_ID_LOW] = id[1];
    header[TM_WORD_PID] = (uint64_t)getpid();
    header[TM_WORD_STARTED_AT] = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    header[TM_WORD_MAXIMUM_BYTES] = writer->map.length;
    header[TM_WORD_KEY_RING_CAPACITY] = TIDEMARK_KEY_EVENTS;
    header[TM_WORD_SERIES_CAPACITY] = TM_SERIES_CAPACITY;
    header[TM_WORD_SLOW_RING_CAPACITY] = TM_SLOW_RING_CAPACITY;
    header[TM_WORD_SERVICE_LENGTH] = tidemark_put_name(writer->map.base + TM_SERVICE_OFFSET, service);
    header[TM_WORD_ENVIRONMENT_LENGTH] = tidemark_put_name(writer->map.base + TM_ENVIRONMENT_OFFSET, environment);
    header[TM_WORD_ARENA_CURSOR] = TM_KEY_RING_OFFSET + (uint64_t)TIDEMARK_KEY_EVENTS * TM_RING_ENTRY_BYTES;
    if (!tidemark_add_series(writer, 0, other)) return false;
    tm_store_release(header + TM_WORD_MAGIC, TM_MAGIC);
    return true;
}

// The mode of a file in that directory; 0 where others could read or replace it.
static inline mode_t tidemark_file_mode(int directory) {
    struct stat facts;
    if (fstat(directory, &facts) != 0) return 0;
    if ((facts.st_mode & 077) == 0) return facts.st_uid == geteuid() ? 0600 : 0;
    return (facts.st_mode & 02770) == 02770 && (facts.st_mode & 07) == 0 ? 0660 : 0;
}

// Granted, mapped, filled in, and only then named.
static inline bool tidemark_make(tidemark_writer *writer, int directory, const char *service, const char *environment) {
    uint64_t first = TM_KEY_RING_OFFSET + (uint64_t)TIDEMARK_KEY_EVENTS * TM_RING_ENTRY_BYTES + TIDEMARK_GROWTH_STEP;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    mode_t mode = tidemark_file_mode(directory);
    char self[64], name[96];
    if (mode == 0) return errno = EACCES, false;
    writer->file = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (writer->file < 0 || fchmod(writer->file, mode) != 0 || fcntl(writer->file, F_OFD_SETLK, &lock) != 0) return false;
    if ((errno = posix_fallocate(writer->file, 0, (off_t)first)) != 0) return false;
    void *base = mmap(NULL, TIDEMARK_MAXIMUM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, writer->file, 0);
    if (base == MAP_FAILED) return false;
    writer->map = (tm_map){base, TIDEMARK_MAXIMUM_BYTES, TIDEMARK_KEY_EVENTS, writer->series};
    tm_header(&writer->map)[TM_WORD_GRANTED] = first;
    if (!tidemark_fill_in(writer, service, environment)) return false;
    uint64_t *header = tm_header(&writer->map);
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", writer->file);
    (void)snprintf(
        name, sizeof name, "%d-%016llx%016llx.tidemark", (int)getpid(), (unsigned long long)header[TM_WORD_ID_HIGH],
        (unsigned long long)header[TM_WORD_ID_LOW]);
    return linkat(AT_FDCWD, self, directory, name, AT_SYMLINK_FOLLOW) == 0;
}

// Says that nothing more will come, and lets go. No thread may be recording.
static inline void tidemark_close(tidemark_writer *writer) {
    if (writer == NULL) return;
    if (writer->map.length != 0) {
        tm_store_release(tm_header(&writer->map) + TM_WORD_CLOSED, 1);
        (void)munmap(writer->map.base, writer->map.length);
    }
    if (writer->file >= 0) (void)close(writer->file);
    (void)pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

// Opens a file in a directory that exists, of mode 0700 and this user's, or 2770. NULL and errno on failure: the program
// goes on unmeasured. A path that begins with ~ means something to a shell alone, and is EINVAL.
static inline tidemark_writer *tidemark_open(const char *directory, const char *service, const char *environment) {
    if (directory[0] == '~' && (directory[1] == 0 || directory[1] == '/')) return errno = EINVAL, NULL;
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) return NULL;
    tidemark_writer *writer = calloc(1, sizeof *writer);
    bool made = false;
    if (writer != NULL) {
        writer->file = -1;
        (void)pthread_mutex_init(&writer->mutex, NULL);
        made = tidemark_make(writer, descriptor, service, environment);
    }
    int reason = errno;
    (void)close(descriptor);
    if (!made) {
        tidemark_close(writer);
        writer = NULL;
    }
    errno = reason;
    return writer;
}

// Whether somebody deleted the file, so that no agent that comes later finds it. To be asked about once a second, outside of
// the calls; then open another writer, and close this one when no thread records in it any more.
static inline bool tidemark_is_deleted(const tidemark_writer *writer) {
    struct stat facts;
    return fstat(writer->file, &facts) == 0 && facts.st_nlink == 0;
}

// One request on the wire and its answer. Record the attempts of a call before the call.
static inline void tidemark_attempt(
    tidemark_writer *writer, uint32_t series, uint64_t nanoseconds, enum tidemark_outcome outcome, uint64_t bytes_sent,
    uint64_t bytes_received) {
    tm_record_attempt(
        &writer->map, tm_series(&writer->map, series), nanoseconds, (uint8_t)outcome, outcome == TIDEMARK_THROTTLED, 0,
        bytes_sent, bytes_received, true);
}

// One whole call, once, at its end.
static inline void tidemark_call(
    tidemark_writer *writer, uint32_t series, uint64_t nanoseconds, enum tidemark_outcome outcome, uint32_t attempts,
    uint64_t items) {
    tm_record_call(
        &writer->map, tm_series(&writer->map, series), nanoseconds, (uint8_t)outcome, attempts, items, 0);
}

// Capacity that a call consumed, in thousandths of a unit, and the partition key that it was spent on, NULL for none.
static inline void tidemark_consumed(
    tidemark_writer *writer, uint32_t series, uint64_t read, uint64_t write, const char *key) {
    uint64_t *block = tm_series(&writer->map, series);
    tm_add_some(block + TM_WORD_READ_UNITS, read);
    tm_add_some(block + TM_WORD_WRITE_UNITS, write);
    if (key != NULL) tm_record_key(&writer->map, series, key, strlen(key), read, write, false);
}

#endif
