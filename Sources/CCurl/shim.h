// Only what Swift cannot call itself, each with its reason.
#ifndef TIDEMARK_CCURL_SHIM_H
#define TIDEMARK_CCURL_SHIM_H

#include <curl/curl.h>
// For epoll(7), which Glibc's overlay does not have.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// libcurl's option and information calls are variadic, which Swift does not import: one typed wrapper for each kind of
// value. An option given to the wrapper of another kind is refused by nobody, so each is used from one place.
static inline CURLcode tidemark_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode tidemark_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode tidemark_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode tidemark_easy_get_size(CURL *easy, CURLINFO information, curl_off_t *value) {
    return curl_easy_getinfo(easy, information, value);
}

static inline CURLcode tidemark_easy_get_long(CURL *easy, CURLINFO information, long *value) {
    return curl_easy_getinfo(easy, information, value);
}

static inline CURLcode tidemark_easy_get_socket(CURL *easy, curl_socket_t *socket) {
    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, socket);
}

static inline CURLSHcode tidemark_share(CURLSH *share, curl_lock_data what) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, what);
}

typedef int (*tidemark_socket_callback)(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context);

static inline CURLMcode tidemark_multi_set_socket(CURLM *multi, tidemark_socket_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
    return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

typedef int (*tidemark_timer_callback)(CURLM *multi, long milliseconds, void *context);

static inline CURLMcode tidemark_multi_set_timer(CURLM *multi, tidemark_timer_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
    return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// The union inside `CURLMsg` and its enumeration: one call instead of reading a union from Swift. Null at the end.
static inline CURL *tidemark_multi_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(multi, &left); message; message = curl_multi_info_read(multi, &left)) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return 0;
}

// A macro of function form.
static inline CURLcode tidemark_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

// Glibc's overlay does not have eventfd(2).
static inline int tidemark_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// prctl(2) is variadic, and Glibc's overlay does not have pthread_setname_np(3). Names the calling thread.
static inline int tidemark_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0L, 0L, 0L); }

#endif
