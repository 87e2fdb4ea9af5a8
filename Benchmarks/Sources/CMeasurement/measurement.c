// For RTLD_DEFAULT.
#define _GNU_SOURCE
#include "measurement.h"

#include <dirent.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int64_t nanoseconds(struct timeval time) {
    return (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
}

static int64_t allocations(void) {
    int64_t (*count)(void) = (int64_t (*)(void))dlsym(RTLD_DEFAULT, "allocation_counter_count");
    return count ? count() : -1;
}

static measurement_reading read_now(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (measurement_reading){
        .wall_nanoseconds = (int64_t)measurement_now(),
        .user_nanoseconds = nanoseconds(usage.ru_utime),
        .system_nanoseconds = nanoseconds(usage.ru_stime),
        .allocations = allocations(),
    };
}

// A figure of /proc/self/status in KiB, -1 where there is none.
static int64_t status_kib(const char *name) {
    FILE *file = fopen("/proc/self/status", "re");
    if (!file) return -1;
    char line[256];
    int64_t found = -1;
    size_t length = strlen(name);
    while (found < 0 && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, length) == 0 && line[length] == ':') found = strtoll(line + length + 1, NULL, 10);
    }
    fclose(file);
    return found;
}

int64_t measurement_open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return -1;
    int64_t count = 0;
    while (readdir(directory)) count += 1;
    closedir(directory);
    // ".", ".." and the directory itself.
    return count - 3;
}

void measurement_begin(measurement *part) { part->begun = read_now(); }

void measurement_end(measurement *part) {
    part->ended = read_now();
    part->resident_kib = status_kib("VmRSS");
    part->private_kib = status_kib("RssAnon");
    part->descriptors = measurement_open_descriptors();
}

static int by_value(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

// The smallest latency that at least that share of the calls did not exceed, in microseconds.
static double percentile(const uint32_t *sorted, size_t count, double share) {
    if (count == 0) return 0;
    size_t rank = (size_t)(share * (double)count);
    return sorted[rank < count ? rank : count - 1] / 1000.0;
}

void measurement_report(const measurement *part, const char *name, uint32_t *latencies, size_t calls, FILE *output) {
    qsort(latencies, calls, sizeof *latencies, by_value);
    const measurement_reading *from = &part->begun, *to = &part->ended;
    fprintf(
        output,
        "{\"name\": \"%s\", \"calls\": %zu, \"wall_seconds\": %.6f, \"user_seconds\": %.6f, \"system_seconds\": %.6f, "
        "\"p50_us\": %.1f, \"p99_us\": %.1f, \"rss_kib\": %" PRId64 ", \"rss_anon_kib\": %" PRId64
        ", \"descriptors\": %" PRId64,
        name, calls, (double)(to->wall_nanoseconds - from->wall_nanoseconds) / 1e9,
        (double)(to->user_nanoseconds - from->user_nanoseconds) / 1e9,
        (double)(to->system_nanoseconds - from->system_nanoseconds) / 1e9, percentile(latencies, calls, 0.5),
        percentile(latencies, calls, 0.99), part->resident_kib, part->private_kib, part->descriptors);
    if (to->allocations >= 0) fprintf(output, ", \"allocations\": %" PRId64, to->allocations - from->allocations);
    fprintf(output, "}\n");
    fflush(output);
}

void measurement_print(const measurement *part, const char *name, uint32_t *latencies, size_t calls) {
    measurement_report(part, name, latencies, calls, stdout);
}
