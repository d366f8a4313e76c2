#pragma once
// check: walks every row of a store and says what does not fit. The store stays usable meanwhile (one snapshot).
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/store.h"

namespace sekisho::store {

struct CheckReport {
    std::uint64_t rows = 0;                        // of all kinds
    std::map<std::string, std::uint64_t> records;  // by table name
    std::uint64_t index_rows = 0;
    std::uint64_t expiry_rows = 0;
    std::uint64_t outbox_rows = 0;
    std::uint64_t guard_rows = 0;
    std::uint64_t problem_count = 0;
    std::vector<std::string> problems;  // the first 100, for people
    bool ok() const { return problem_count == 0; }
};

// Every record decodes, its key fits its content, each of its index and expiry rows is there, and no such row is
// without its record; no revision is newer than the store's.
CheckReport check(const Store& store);

}  // namespace sekisho::store
