#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#ifdef __APPLE__
#define LIBRARY "/usr/lib/libcurl.4.dylib"
#else
#define LIBRARY "libcurl.so.4"
#endif

// Every function that is used: its pointer here has the type of its declaration in libcurl's header.
#define FUNCTIONS(each) \
    each(global_init) each(easy_init) each(easy_reset) each(easy_cleanup) each(easy_pause) each(easy_strerror) each(easy_setopt) each(easy_getinfo) \
    each(multi_init) each(multi_cleanup) each(multi_add_handle) each(multi_remove_handle) each(multi_socket_action) \
    each(multi_info_read) each(multi_setopt) each(slist_append) each(slist_free_all)

#define MEMBER(name) __typeof__(curl_##name) *name;
static struct {
    FUNCTIONS(MEMBER)
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded = 0;

static void load(void) {
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!handle) { return; }
    int found = 1;
    void *symbol;
// Copied as bytes: C has no conversion from a pointer to data to one to a function.
#define RESOLVE(name) \
    symbol = dlsym(handle, "curl_" #name); \
    if (symbol) { memcpy(&library.name, &symbol, sizeof symbol); } else { found = 0; }
    FUNCTIONS(RESOLVE)
    is_loaded = found;
}

CURLcode ccurl_global_init(long flags) {
    pthread_once(&once, load);
    return is_loaded ? library.global_init(flags) : CURLE_FAILED_INIT;
}

CURL *ccurl_easy_init(void) { return library.easy_init(); }
void ccurl_easy_reset(CURL *handle) { library.easy_reset(handle); }
void ccurl_easy_cleanup(CURL *handle) { library.easy_cleanup(handle); }
CURLcode ccurl_easy_pause(CURL *handle, int bitmask) { return library.easy_pause(handle, bitmask); }
const char *ccurl_easy_strerror(CURLcode code) { return library.easy_strerror(code); }

CURLM *ccurl_multi_init(void) { return library.multi_init(); }
CURLMcode ccurl_multi_cleanup(CURLM *multi) { return library.multi_cleanup(multi); }
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle) { return library.multi_add_handle(multi, handle); }
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle) { return library.multi_remove_handle(multi, handle); }
CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events) {
    int running = 0;
    return library.multi_socket_action(multi, socket, events, &running);
}
CURLMcode ccurl_multi_timeout_action(CURLM *multi) { return ccurl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0); }

CURLMcode ccurl_multi_watch(CURLM *multi, ccurl_socket_callback on_socket, ccurl_timer_callback on_timer, void *context) {
    CURLMcode code = library.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    if (code == CURLM_OK) { code = library.multi_setopt(multi, CURLMOPT_SOCKETDATA, context); }
    if (code == CURLM_OK) { code = library.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer); }
    if (code == CURLM_OK) { code = library.multi_setopt(multi, CURLMOPT_TIMERDATA, context); }
    return code;
}

CURLMsg *ccurl_multi_info_read(CURLM *multi, int *left) { return library.multi_info_read(multi, left); }

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text) { return library.slist_append(list, text); }
void ccurl_slist_free_all(struct curl_slist *list) { library.slist_free_all(list); }

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
    return library.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return library.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
    return library.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return library.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return library.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_callback(CURL *handle, CURLoption option, ccurl_data_callback value) {
    return library.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_read_callback(CURL *handle, ccurl_data_callback value) {
    return library.easy_setopt(handle, CURLOPT_READFUNCTION, value);
}

CURLcode ccurl_set_http_only(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return library.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return library.easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
    return library.easy_getinfo(handle, info, value);
}

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return library.multi_setopt(multi, option, value);
}
