#pragma once
// UpdateUser and UpdateGroup: attribute paths and values on a wire structure.
// https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_AttributeOperation.html
#include <span>
#include <string_view>
#include <vector>

#include "models/identitystore.h"
#include "services/identity_center/directory.h"

namespace sekisho::identity_center_service {

// `after` (made by default) becomes `before` with the operations applied in order, checked against the model. A path is
// a member ("displayName"), a member of a structure ("name.givenName") or an extension
// ("aws:identitystore:enterprise.department"); member names are read without regard to case. No value, or null, removes
// the attribute. ValidationException: a path that is not one of `settable`, or a value that the model refuses.
Result<void> update_attributes(const Shape& shape, const void* before, std::span<const std::string_view> settable,
                               const std::vector<identitystore::AttributeOperation>& operations, void* after);

}  // namespace sekisho::identity_center_service
