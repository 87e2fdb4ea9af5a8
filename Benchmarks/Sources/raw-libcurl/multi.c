// libcurl's multi_socket interface on epoll(7), as its documentation has it:
// https://curl.se/libcurl/c/libcurl-multi.html
#include "options.h"

#include "measurement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct raw_multi {
    CURLM *multi;
    int epoll;
    // When libcurl wants to be called without an event; UINT64_MAX for never.
    uint64_t timer_at;
    size_t in_flight;
    CURL **handles;
    uint64_t *begun;
};

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    (void)easy;
    raw_multi *loop = context;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
        curl_multi_assign(loop->multi, socket, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0) {
        raw_fail("epoll_ctl", strerror(errno));
    }
    if (!known) curl_multi_assign(loop->multi, socket, loop);
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *context) {
    (void)multi;
    raw_multi *loop = context;
    loop->timer_at = milliseconds < 0 ? UINT64_MAX : measurement_now() + (uint64_t)milliseconds * 1000000u;
    return 0;
}

raw_multi *raw_multi_make(const raw_options *options, size_t *received) {
    raw_multi *loop = calloc(1, sizeof *loop);
    if (!loop) raw_fail("the loop", "no memory");
    loop->multi = curl_multi_init();
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer_at = UINT64_MAX;
    loop->in_flight = options->in_flight;
    loop->handles = calloc(options->in_flight, sizeof *loop->handles);
    loop->begun = calloc(options->in_flight, sizeof *loop->begun);
    if (!loop->multi || loop->epoll < 0 || !loop->handles || !loop->begun) raw_fail("the loop", "no memory");
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)options->in_flight);
    for (size_t place = 0; place < options->in_flight; place += 1) {
        loop->handles[place] = raw_handle(options, received);
        curl_easy_setopt(loop->handles[place], CURLOPT_PRIVATE, &loop->begun[place]);
    }
    return loop;
}

static void start(raw_multi *loop, size_t place) {
    loop->begun[place] = measurement_now();
    CURLMcode code = curl_multi_add_handle(loop->multi, loop->handles[place]);
    if (code != CURLM_OK) raw_fail("curl_multi_add_handle", curl_multi_strerror(code));
}

// Waits for events, or for libcurl's timer, and lets libcurl work.
static void turn(raw_multi *loop) {
    struct epoll_event events[64];
    int running = 0, wait = -1;
    if (loop->timer_at != UINT64_MAX) {
        uint64_t now = measurement_now();
        wait = loop->timer_at <= now ? 0 : (int)((loop->timer_at - now + 999999u) / 1000000u);
    }
    int count = epoll_wait(loop->epoll, events, 64, wait);
    if (count < 0 && errno != EINTR) raw_fail("epoll_wait", strerror(errno));
    for (int place = 0; place < count; place += 1) {
        int what = 0;
        if (events[place].events & EPOLLIN) what |= CURL_CSELECT_IN;
        if (events[place].events & EPOLLOUT) what |= CURL_CSELECT_OUT;
        if (events[place].events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
        curl_multi_socket_action(loop->multi, events[place].data.fd, what, &running);
    }
    if (loop->timer_at <= measurement_now()) {
        loop->timer_at = UINT64_MAX;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

void raw_multi_run(raw_multi *loop, size_t calls, uint32_t *latencies) {
    size_t started = 0, done = 0;
    while (started < loop->in_flight && started < calls) start(loop, started++);
    while (done < calls) {
        turn(loop);
        int left = 0;
        for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left));) {
            if (message->msg != CURLMSG_DONE) continue;
            if (message->data.result != CURLE_OK) raw_fail("a call", curl_easy_strerror(message->data.result));
            CURL *easy = message->easy_handle;
            uint64_t *begun = NULL;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&begun);
            latencies[done++] = (uint32_t)(measurement_now() - *begun);
            curl_multi_remove_handle(loop->multi, easy);
            if (started < calls) {
                started += 1;
                start(loop, (size_t)(begun - loop->begun));
            }
        }
    }
}
