// What every contestant measures of itself, in one place, so that all of them measure the same.
#ifndef TIDEMARK_MEASUREMENT_H
#define TIDEMARK_MEASUREMENT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

// Linux; other systems count no private memory and no descriptors, and report -1.
typedef struct {
    int64_t wall_nanoseconds;
    int64_t user_nanoseconds;
    int64_t system_nanoseconds;
    // Calls of malloc and its kin by the whole process; -1 where AllocationCounter is not loaded.
    int64_t allocations;
} measurement_reading;

typedef struct {
    measurement_reading begun;
    measurement_reading ended;
    // VmRSS and RssAnon at the end, in KiB.
    int64_t resident_kib;
    int64_t private_kib;
    int64_t descriptors;
} measurement;

void measurement_begin(measurement *part);
void measurement_end(measurement *part);

// Writes the part as one line of JSON, under a name that needs no escapes. Sorts the latencies, which are one a call, in nanoseconds.
void measurement_report(const measurement *part, const char *name, uint32_t *latencies, size_t calls, FILE *output);

// The same on standard output, which Swift sees as a mutable global.
void measurement_print(const measurement *part, const char *name, uint32_t *latencies, size_t calls);

int64_t measurement_open_descriptors(void);

static inline uint64_t measurement_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

#endif
