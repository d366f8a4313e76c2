#include "net/curl_library.h"

#include <dlfcn.h>

#include "base/log.h"

namespace sekisho::net {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& out) {
    out = reinterpret_cast<Function>(::dlsym(library, name));
    return out != nullptr;
}

bool fill(void* library, CurlLibrary& out) {
    return find(library, "curl_global_init", out.global_init) && find(library, "curl_easy_init", out.easy_init) &&
           find(library, "curl_easy_cleanup", out.easy_cleanup) && find(library, "curl_easy_setopt", out.easy_setopt) &&
           find(library, "curl_easy_getinfo", out.easy_getinfo) &&
           find(library, "curl_easy_strerror", out.easy_strerror) &&
           find(library, "curl_slist_append", out.slist_append) &&
           find(library, "curl_slist_free_all", out.slist_free_all) &&
           find(library, "curl_multi_init", out.multi_init) && find(library, "curl_multi_cleanup", out.multi_cleanup) &&
           find(library, "curl_multi_setopt", out.multi_setopt) &&
           find(library, "curl_multi_add_handle", out.multi_add_handle) &&
           find(library, "curl_multi_remove_handle", out.multi_remove_handle) &&
           find(library, "curl_multi_perform", out.multi_perform) && find(library, "curl_multi_poll", out.multi_poll) &&
           find(library, "curl_multi_wakeup", out.multi_wakeup) &&
           find(library, "curl_multi_info_read", out.multi_info_read);
}

const CurlLibrary* load() {
    static CurlLibrary library{};
    void* handle = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr && fill(handle, library) && library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        return &library;
    }
    const char* cause = handle == nullptr ? ::dlerror() : "libcurl.so.4 is too old or does not start";
    log::error("no calls out: libcurl cannot be loaded", {{"cause", cause != nullptr ? cause : "unknown"}});
    return nullptr;
}

}  // namespace

const CurlLibrary* load_curl() {
    static const CurlLibrary* const library = load();
    return library;
}

}  // namespace sekisho::net
