// GetAccountAuthorizationDetails: everything of an account, page by page.
#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/managed_policy.h"
#include "services/iam/paging.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"
#include "services/iam/tags.h"
#include "services/iam/wire_forms.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

std::vector<iam::PolicyDetail> inline_details(const domain::PrincipalPolicies& policies) {
    std::vector<iam::PolicyDetail> details;
    for (const auto& [name, document] : policies.inline_policies) {
        details.push_back({.policy_name = name, .policy_document = encode_uri(document)});
    }
    return details;
}

std::vector<iam::AttachedPolicy> attached_details(const domain::PrincipalPolicies& policies) {
    std::vector<iam::AttachedPolicy> attached;
    for (const auto& arn : policies.attached_policy_arns) {
        attached.push_back({.policy_name = policy_name_of(arn), .policy_arn = arn});
    }
    return attached;
}

iam::ManagedPolicyDetail detail_of(const iam::Policy& policy) {
    iam::ManagedPolicyDetail detail;
    detail.policy_name = policy.policy_name;
    detail.policy_id = policy.policy_id;
    detail.arn = policy.arn;
    detail.path = policy.path;
    detail.default_version_id = policy.default_version_id;
    detail.attachment_count = policy.attachment_count;
    detail.permissions_boundary_usage_count = policy.permissions_boundary_usage_count;
    detail.is_attachable = policy.is_attachable;
    detail.description = policy.description;
    detail.create_date = policy.create_date;
    detail.update_date = policy.update_date;
    detail.policy_version_list.emplace();
    return detail;
}

// Kinds one after the other. The marker: the kind's number, ':' and the place within it.
class Details {
 public:
    Details(const Call& call, const iam::GetAccountAuthorizationDetailsRequest& request)
        : call_(call),
          request_(request),
          wanted_(static_cast<std::size_t>(request.max_items.value_or(page_items_default))) {
        response_.user_detail_list.emplace();
        response_.group_detail_list.emplace();
        response_.role_detail_list.emplace();
        response_.policies.emplace();
    }

    Result<iam::GetAccountAuthorizationDetailsResponse> list() {
        SEK_TRY(auto marker, open_marker(call_, scope(), request_.marker));
        std::size_t step = 0;
        std::string after;
        if (!marker.empty()) {
            step = static_cast<std::size_t>(marker.front() - '0');
            after = marker.substr(2);
        }
        for (; step < steps.size(); ++step, after.clear()) {
            if (!is_wanted(steps[step])) continue;
            if (count_ >= wanted_) {
                next_ = std::to_string(step) + ":";
                break;
            }
            SEK_TRY(const auto next, fill(steps[step], after));
            if (next) {
                next_ = std::to_string(step) + ":" + *next;
                break;
            }
        }
        close_page(call_, scope(), next_, response_);
        return std::move(response_);
    }

 private:
    using Next = std::optional<std::string>;
    static constexpr std::array steps{iam::EntityType::user, iam::EntityType::group, iam::EntityType::role,
                                      iam::EntityType::local_managed_policy, iam::EntityType::aws_managed_policy};

    std::string scope() const {
        std::string scope = "GetAccountAuthorizationDetails";
        for (const auto kind : steps) scope += is_wanted(kind) ? "1" : "0";
        return scope;
    }
    bool is_wanted(iam::EntityType kind) const {
        if (!request_.filter || request_.filter->empty()) return true;
        return std::ranges::find(*request_.filter, kind) != request_.filter->end();
    }

    Result<Next> fill(iam::EntityType kind, const std::string& after) {
        switch (kind) {
            case iam::EntityType::user:
                return scan(domain::iam_users, after, [&](const auto& user) { return add_user(user); });
            case iam::EntityType::group:
                return scan(domain::iam_groups, after, [&](const auto& group) { return add_group(group); });
            case iam::EntityType::role:
                return scan(domain::roles, after, [&](const auto& role) { return add_role(role); });
            case iam::EntityType::local_managed_policy:
                return scan(domain::managed_policies, after, [&](const auto& policy) { return add_policy(policy); });
            default:
                return add_aws_policies(after);
        }
    }

    template <class Record, class Add>
    Result<Next> scan(const store::Table<Record>& table, const std::string& after, Add add) {
        SEK_TRY(const auto found,
                table.scan(call_.tx, store::prefix(call_.account()), {.after = after, .limit = wanted_ - count_}));
        for (const auto& record : found.items) {
            SEK_TRY(add(record));
            ++count_;
        }
        return found.next;
    }

    Result<void> add_user(const domain::IamUser& user) {
        SEK_TRY(const auto policies, load_policies(call_.tx, user.id));
        iam::UserDetail detail;
        detail.path = user.path;
        detail.user_name = user.name;
        detail.user_id = user.id.str();
        detail.arn = domain::user_arn(user);
        detail.create_date = user.created_at;
        detail.user_policy_list = inline_details(policies);
        detail.attached_managed_policies = attached_details(policies);
        detail.permissions_boundary = boundary_to_wire(policies);
        detail.tags = tags_to_wire(user.tags);
        detail.group_list.emplace();
        for (const auto& id : policies.group_ids) {
            SEK_TRY(const auto group, domain::iam_groups.get_by(call_.tx, domain::iam_groups_by_id, id));
            if (group) detail.group_list->push_back(group->name);
        }
        response_.user_detail_list->push_back(std::move(detail));
        return {};
    }

    Result<void> add_group(const domain::IamGroup& group) {
        SEK_TRY(const auto policies, load_policies(call_.tx, group.id));
        iam::GroupDetail detail;
        detail.path = group.path;
        detail.group_name = group.name;
        detail.group_id = group.id.str();
        detail.arn = domain::group_arn(group);
        detail.create_date = group.created_at;
        detail.group_policy_list = inline_details(policies);
        detail.attached_managed_policies = attached_details(policies);
        response_.group_detail_list->push_back(std::move(detail));
        return {};
    }

    Result<void> add_role(const domain::Role& role) {
        SEK_TRY(const auto policies, load_policies(call_.tx, role.id));
        const auto wire = role_to_wire(call_.tx, role);
        iam::RoleDetail detail;
        detail.path = wire.path;
        detail.role_name = wire.role_name;
        detail.role_id = wire.role_id;
        detail.arn = wire.arn;
        detail.create_date = wire.create_date;
        detail.assume_role_policy_document = wire.assume_role_policy_document;
        detail.role_policy_list = inline_details(policies);
        detail.attached_managed_policies = attached_details(policies);
        detail.permissions_boundary = boundary_to_wire(policies);
        detail.tags = tags_to_wire(role.tags);
        detail.role_last_used = role_last_used(role);
        detail.instance_profile_list.emplace();
        SEK_TRY(const auto profiles,
                domain::instance_profiles.scan_by(call_.tx, domain::instance_profiles_by_role,
                                                  store::key(call_.account(), lower_ascii(role.name))));
        for (const auto& profile : profiles.items) {
            SEK_TRY(auto profile_wire, profile_to_wire(call_.tx, profile));
            detail.instance_profile_list->push_back(std::move(profile_wire));
        }
        response_.role_detail_list->push_back(std::move(detail));
        return {};
    }

    Result<void> add_policy(const domain::ManagedPolicy& policy) {
        SEK_TRY(const auto wire, to_wire(call_.tx, policy, true));
        auto detail = detail_of(wire);
        for (const auto& version : policy.versions) {
            detail.policy_version_list->push_back(to_wire(version, policy, true));
        }
        response_.policies->push_back(std::move(detail));
        return {};
    }

    // Only those that the account uses, as AWS answers.
    Result<Next> add_aws_policies(const std::string& after) {
        std::string last = after;
        for (const auto& policy : domain::aws_managed_policies()) {
            if (policy.name <= std::string_view(after) && !after.empty()) continue;
            SEK_TRY(const auto wire, to_wire(call_.tx, call_.account(), policy));
            if (*wire.attachment_count == 0 && *wire.permissions_boundary_usage_count == 0) continue;
            if (count_ >= wanted_) return Next(last);
            auto detail = detail_of(wire);
            detail.policy_version_list->push_back(to_wire_version(policy, true));
            response_.policies->push_back(std::move(detail));
            last = std::string(policy.name);
            ++count_;
        }
        return Next();
    }

    const Call& call_;
    const iam::GetAccountAuthorizationDetailsRequest& request_;
    const std::size_t wanted_;
    std::size_t count_ = 0;
    Next next_;
    iam::GetAccountAuthorizationDetailsResponse response_;
};

Result<iam::GetAccountAuthorizationDetailsResponse> get_details(
    Call& call, const iam::GetAccountAuthorizationDetailsRequest& request) {
    return Details(call, request).list();
}

}  // namespace

const operation::OperationTable authorization_detail_operations = {
    operation<iam::GetAccountAuthorizationDetails>(
        {.access = Access::read, .resources = operation::any_resource, .handle = get_details}),
};

}  // namespace sekisho::iam_service
