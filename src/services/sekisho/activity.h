#pragma once
// ListActivity: a page of the audit trail's records.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "models/control.h"
#include "operation/operation.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {

// Records that one call looks at: a page that found fewer than were asked for may still have a next one.
inline constexpr std::size_t activity_records_scanned_max = 5000;

struct ActivityPage {
    std::vector<control::ActivityEvent> events;  // newest first
    std::optional<audit::TrailPlace> next;       // the next page is before it; nothing: there is none
};

// `only_account`: whose records may be seen; nothing: those of all. `before`: an earlier page's `next`. A page costs
// what it looks at, however old it is.
ActivityPage read_activity(const ScanTrail& scan, const control::ListActivityRequest& request,
                           const std::optional<AccountId>& only_account,
                           const std::optional<audit::TrailPlace>& before);

operation::Operation list_activity_operation(std::shared_ptr<const ServerHooks> hooks);

}  // namespace sekisho::control_service
