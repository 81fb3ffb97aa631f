#ifndef DBXSIM_CCURL_H
#define DBXSIM_CCURL_H

#include <curl/curl.h>

// libcurl's option and info calls are variadic, which Swift can not call: one function for each type of argument.

typedef size_t (*ccurl_data_callback)(char *data, size_t size, size_t count, void *context);

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
