#pragma once
// The console (web/): a program of the browser, its files, and the door through which it gets what only the sign-in
// session may give: who is signed in, the person's roles and the credentials of one, or an IAM user's own. Language and
// theme, which are one choice for all of our pages, are read and kept here too.
//
// The door answers JSON to our own pages only. The cookie is SameSite=Lax, Origin and Sec-Fetch-Site are checked as for
// every form, there is no CORS, and it changes nothing but language and theme: another site can neither ask in a
// person's name nor read the answer. With the credentials the console signs its calls like any client; the API never
// looks at the cookie.
#include <span>
#include <string_view>

#include "portal/visit.h"

namespace sekisho::portal {

// A file of the console as web/ was built, compressed (brotli; one form, which every browser takes over TLS).
struct ConsoleFile {
    std::string_view path;  // /console/assets/index-<hash>.js; the page itself is /console/index.html
    std::string_view bytes;
};
std::span<const ConsoleFile> console_files();

// A path below /console, or /console itself.
bool is_console_path(std::string_view path);
// Answers a request for one: a file, the page (for every address of the console), or the door.
void serve_console(VisitPointer visit);

}  // namespace sekisho::portal
