#pragma once
// reindex: a store that another version of the program wrote gets the index rows that its tables declare now, and loses
// those of indexes that they declare no more. For the start, before anything else reads the store.
#include <cstddef>

#include "store/store.h"

namespace sekisho::store {

// Walks the tables whose indexes are not those of the last time; the others cost one read each. Interrupted, it does
// the table again. Gives the number of records that it looked at. An index whose keys come of the records in another
// way than before needs a new number: this sees numbers and uniqueness only.
// Errors: codes::unique_index_violation (two records have one key of a new unique index), those of a commit.
Result<std::size_t> reindex(Store& store);

}  // namespace sekisho::store
