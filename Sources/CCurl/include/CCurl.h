#ifndef DBXSIM_CCURL_H
#define DBXSIM_CCURL_H

#include <curl/curl.h>

// libcurl, loaded when it is first needed: only recording, `diff`, `sql` and a replay's fallback forward anything, and the library brings some
// thirty others with it, which would cost every start of a simulated workspace.
//
// Its option and info calls are variadic, which Swift can not call: one function for each type of argument.

typedef size_t (*ccurl_data_callback)(char *data, size_t size, size_t count, void *context);

// Loads the library and initialises it; CURLE_FAILED_INIT if it is not there. To be called before all others, whose handles come from it.
CURLcode ccurl_global_init(long flags);

CURL *ccurl_easy_init(void);
// Forgets all options; the handle can be set up anew, which is cheaper than making one.
void ccurl_easy_reset(CURL *handle);
void ccurl_easy_cleanup(CURL *handle);
CURLcode ccurl_easy_pause(CURL *handle, int bitmask);
const char *ccurl_easy_strerror(CURLcode code);

CURLM *ccurl_multi_init(void);
CURLMcode ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle);
// What a socket waits for (`CURL_POLL_IN` and so on), and in how many milliseconds the multi handle is to be called at the latest (-1: not at all).
typedef int (*ccurl_socket_callback)(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context);
typedef int (*ccurl_timer_callback)(CURLM *multi, long timeout_ms, void *context);
CURLMcode ccurl_multi_watch(CURLM *multi, ccurl_socket_callback on_socket, ccurl_timer_callback on_timer, void *context);
// Goes on with what waits for a socket; `events`: `CURL_CSELECT_IN` and so on, 0 if libcurl is to look itself.
CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events);
// Goes on with what waits for nothing but time.
CURLMcode ccurl_multi_timeout_action(CURLM *multi);
CURLMsg *ccurl_multi_info_read(CURLM *multi, int *left);

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text);
void ccurl_slist_free_all(struct curl_slist *list);

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
// The string is copied by libcurl.
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode ccurl_set_callback(CURL *handle, CURLoption option, ccurl_data_callback value);
CURLcode ccurl_set_read_callback(CURL *handle, ccurl_data_callback value);
// Only http and https, under whichever name this version of libcurl has the option.
CURLcode ccurl_set_http_only(CURL *handle);

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);

#endif
