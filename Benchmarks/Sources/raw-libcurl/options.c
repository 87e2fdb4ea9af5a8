#include "options.h"

#include "measurement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void raw_fail(const char *what, const char *why) {
    fprintf(stderr, "raw-libcurl: %s: %s\n", what, why);
    exit(1);
}

static _Noreturn void refuse(const char *why) {
    fprintf(
        stderr,
        "raw-libcurl: %s\nUsage: raw-libcurl --url URL --body FILE --headers FILE --answer-length N "
        "[--mode easy|multi] [--in-flight N] [--warm-up N] [--calls N] [--ca FILE]\n",
        why);
    exit(2);
}

static char *contents(const char *path, size_t *length) {
    FILE *file = fopen(path, "re");
    if (!file) refuse("a file cannot be opened");
    char *text = calloc(1, 65536);
    *length = text ? fread(text, 1, 65535, file) : 0;
    fclose(file);
    if (*length == 0) refuse("a file is empty");
    return text;
}

static struct curl_slist *lines(const char *path) {
    size_t length = 0;
    char *text = contents(path, &length), *rest = text;
    struct curl_slist *list = NULL;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (*line) list = curl_slist_append(list, line);
    }
    free(text);
    return list;
}

raw_options raw_options_read(int count, char **arguments) {
    raw_options options = {.in_flight = 1, .warm_up = 1000, .calls = 20000};
    for (int place = 1; place < count; place += 2) {
        const char *name = arguments[place], *value = place + 1 < count ? arguments[place + 1] : NULL;
        if (!value) refuse("an option lacks its value");
        if (!strcmp(name, "--url")) options.url = value;
        else if (!strcmp(name, "--body")) options.body = contents(value, &options.body_length);
        else if (!strcmp(name, "--headers")) options.headers = lines(value);
        else if (!strcmp(name, "--ca")) options.authority = value;
        else if (!strcmp(name, "--mode")) options.is_multi = !strcmp(value, "multi");
        else if (!strcmp(name, "--in-flight")) options.in_flight = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--warm-up")) options.warm_up = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--calls")) options.calls = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--answer-length")) options.answer_length = strtoull(value, NULL, 10);
        else refuse("an option is not known");
    }
    if (!options.url || !options.body || !options.headers) refuse("URL, body and headers are needed");
    if (options.in_flight == 0 || options.calls == 0) refuse("calls and calls in flight are at least one");
    if (options.in_flight > 1 && !options.is_multi) refuse("an easy handle makes one call at a time");
    return options;
}

static size_t count_received(char *bytes, size_t size, size_t number, void *context) {
    (void)bytes;
    *(size_t *)context += size * number;
    return size * number;
}

CURL *raw_handle(const raw_options *options, size_t *received) {
    CURL *easy = curl_easy_init();
    if (!easy) raw_fail("curl_easy_init", "no memory");
    curl_easy_setopt(easy, CURLOPT_URL, options->url);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, options->headers);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)options->body_length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, options->body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_received);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, received);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    if (options->authority) curl_easy_setopt(easy, CURLOPT_CAINFO, options->authority);
    return easy;
}

void raw_easy_run(CURL *easy, size_t calls, uint32_t *latencies) {
    for (size_t call = 0; call < calls; call += 1) {
        uint64_t begun = measurement_now();
        CURLcode code = curl_easy_perform(easy);
        if (code != CURLE_OK) raw_fail("a call", curl_easy_strerror(code));
        latencies[call] = (uint32_t)(measurement_now() - begun);
    }
}
