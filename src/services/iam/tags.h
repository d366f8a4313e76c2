#pragma once
// Tags of IAM's resources: keys are unique ignoring case and keep the case they were first given.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
#include <optional>
#include <string>
#include <vector>

#include "access/authorize.h"
#include "base/result.h"
#include "domain/tags.h"
#include "models/iam.h"

namespace sekisho::iam_service {

// Errors: InvalidInput (the same key twice), LimitExceeded (more than 50 in all), ValidationError (aws: keys).
Result<void> add_tags(domain::Tags& tags, const std::vector<iam::Tag>& added);
void remove_tags(domain::Tags& tags, const std::vector<std::string>& keys);
std::vector<iam::Tag> tags_to_wire(const domain::Tags& tags);
// Absent when there are none, as AWS answers.
std::optional<std::vector<iam::Tag>> tags_or_none(const domain::Tags& tags);

// aws:RequestTag/k and aws:TagKeys.
void add_request_tags(access::ContextValues& context, const std::optional<std::vector<iam::Tag>>& tags);
void add_tag_keys(access::ContextValues& context, const std::vector<std::string>& keys);
// aws:ResourceTag/k and iam:ResourceTag/k.
void add_resource_tags(access::ContextValues& context, const domain::Tags& tags);

}  // namespace sekisho::iam_service
