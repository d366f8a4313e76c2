#pragma once
// libcurl, loaded at the first call out. Linked in, it and its 28 libraries would cost every start of the program 2 ms
// and 4 MiB of memory (measured), also for those that never call out.
#include <curl/curl.h>

namespace sekisho::net {

struct CurlLibrary {
    decltype(&::curl_global_init) global_init;
    decltype(&::curl_easy_init) easy_init;
    decltype(&::curl_easy_cleanup) easy_cleanup;
    decltype(&::curl_easy_setopt) easy_setopt;
    decltype(&::curl_easy_getinfo) easy_getinfo;
    decltype(&::curl_easy_strerror) easy_strerror;
    decltype(&::curl_slist_append) slist_append;
    decltype(&::curl_slist_free_all) slist_free_all;
    decltype(&::curl_multi_init) multi_init;
    decltype(&::curl_multi_cleanup) multi_cleanup;
    decltype(&::curl_multi_setopt) multi_setopt;
    decltype(&::curl_multi_add_handle) multi_add_handle;
    decltype(&::curl_multi_remove_handle) multi_remove_handle;
    decltype(&::curl_multi_perform) multi_perform;
    decltype(&::curl_multi_poll) multi_poll;
    decltype(&::curl_multi_wakeup) multi_wakeup;
    decltype(&::curl_multi_info_read) multi_info_read;
};

// The library, initialized. Null: it is not installed, too old or does not start (logged once).
const CurlLibrary* load_curl();
// The same, where it is known to be loaded.
inline const CurlLibrary& curl() {
    return *load_curl();
}

}  // namespace sekisho::net
