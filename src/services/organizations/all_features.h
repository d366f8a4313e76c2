#pragma once
// From consolidated billing to all features: every invited account is asked, each approves, the management account
// finishes it. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html
#include <optional>

#include "domain/handshakes.h"
#include "domain/organization.h"
#include "operation/pipeline.h"
#include "store/outbox.h"

namespace sekisho::organizations_service {

// The organization's request for all features, while it is under way.
Result<std::optional<domain::Handshake>> pending_all_features(const operation::Call& call,
                                                              const domain::Organization& organization);
// The caller's account approves (APPROVE_ALL_FEATURES), and the management account finishes it (ENABLE_ALL_FEATURES).
Result<void> approve_all_features(operation::Call& call, domain::Handshake& handshake);
Result<void> finish_all_features(operation::Call& call, domain::Handshake& handshake);
// An account leaves: its approval is not awaited any more.
Result<void> forget_approval(operation::Call& call, const domain::Organization& organization, const AccountId& account);

void register_all_features_worker(store::Outbox& outbox, operation::Pipeline& pipeline);

}  // namespace sekisho::organizations_service
