#pragma once
// Memory that only the start has used.

namespace sekisho::server {

// Gives back the pages of code and constants that the start has touched (static initialisation, the operations' tables,
// reading the configuration): about half of what is resident then. What serving touches again comes from the page
// cache.
void release_start_pages();

}  // namespace sekisho::server
