// What libcurl costs when nothing is signed, checked or decoded: the divisor of the runtime's figures.
#include "measurement.h"
#include "options.h"

#include <stdlib.h>

int main(int count, char **arguments) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    raw_options options = raw_options_read(count, arguments);
    size_t received = 0, most = options.calls > options.warm_up ? options.calls : options.warm_up;
    // Written once, so that its pages are there before they are measured.
    uint32_t *latencies = malloc(most * sizeof *latencies);
    if (!latencies) raw_fail("the latencies", "no memory");
    for (size_t place = 0; place < most; place += 1) latencies[place] = 1;

    raw_multi *loop = options.is_multi ? raw_multi_make(&options, &received) : NULL;
    CURL *easy = options.is_multi ? NULL : raw_handle(&options, &received);
    measurement part;
    for (int measured = 0; measured <= 1; measured += 1) {
        size_t calls = measured ? options.calls : options.warm_up;
        received = 0;
        measurement_begin(&part);
        if (loop) raw_multi_run(loop, calls, latencies);
        else raw_easy_run(easy, calls, latencies);
        measurement_end(&part);
    }
    if (received != options.calls * options.answer_length) raw_fail("the answers", "not of the expected length");
    measurement_print(&part, "raw", latencies, options.calls);
    return 0;
}
