#ifndef TIDEMARK_RAW_OPTIONS_H
#define TIDEMARK_RAW_OPTIONS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *url;
    // The request's body, whole.
    char *body;
    size_t body_length;
    // Header lines as they are sent, beside Host and Content-Length.
    struct curl_slist *headers;
    // The authority to trust; NULL for the system's.
    const char *authority;
    bool is_multi;
    size_t in_flight;
    size_t warm_up;
    size_t calls;
    // What each answer's body must weigh.
    size_t answer_length;
} raw_options;

// Ends the process with status 2 where the arguments are not usable.
raw_options raw_options_read(int count, char **arguments);

// A handle that sends the request; `received` is added to by each answer's body.
CURL *raw_handle(const raw_options *options, size_t *received);

// Ends the process with status 1.
_Noreturn void raw_fail(const char *what, const char *why);

// Each makes `calls` calls and writes a latency for each, in nanoseconds.
typedef struct raw_multi raw_multi;
void raw_easy_run(CURL *easy, size_t calls, uint32_t *latencies);
raw_multi *raw_multi_make(const raw_options *options, size_t *received);
void raw_multi_run(raw_multi *loop, size_t calls, uint32_t *latencies);

#endif
