// AWS::Organizations::*. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Organizations.html
#include "domain/organization.h"
#include "models/organizations.h"
#include "services/cloudformation/types.h"

namespace sekisho::cloudformation_service {
namespace {

using domain::StackWork;

constexpr auto replaces = OnChange::replaces;
constexpr auto in_place = OnChange::in_place;

void fit_tags(const ResourceView& view, ApiCalls& calls) {
    if (view.tags == view.tags_before) return;
    json::array gone;
    for (const auto& [key, value] : view.tags_before) {
        if (!view.tags.contains(key)) gone.emplace_back(key);
    }
    if (!gone.empty()) {
        calls.push_back(
            {&organizations::UntagResource::model, {{"ResourceId", view.physical_id}, {"TagKeys", std::move(gone)}}});
    }
    if (view.tags.empty()) return;
    calls.push_back(
        {&organizations::TagResource::model, {{"ResourceId", view.physical_id}, {"Tags", tag_list(view.tags)}}});
}

ApiCalls make_unit(const ResourceView& view) {
    auto request = pick(view, {"ParentId", "Name"});
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    return {{&organizations::CreateOrganizationalUnit::model,
             std::move(request),
             {{physical_id_capture, "OrganizationalUnit.Id"},
              {"Id", "OrganizationalUnit.Id"},
              {"Arn", "OrganizationalUnit.Arn"}}}};
}

ApiCalls change_unit(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("Name")) {
        calls.push_back({&organizations::UpdateOrganizationalUnit::model,
                         {{"OrganizationalUnitId", view.physical_id}, {"Name", view.text("Name")}}});
    }
    fit_tags(view, calls);
    return calls;
}

ApiCalls remove_unit(const ResourceView& view) {
    return {{&organizations::DeleteOrganizationalUnit::model, {{"OrganizationalUnitId", view.physical_id}}, {}, true}};
}

void fit_targets(const ResourceView& view, ApiCalls& calls) {
    const auto targets = difference(view, "TargetIds");
    for (const auto& target : targets.added) {
        calls.push_back({&organizations::AttachPolicy::model, {{"PolicyId", view.physical_id}, {"TargetId", target}}});
    }
    for (const auto& target : targets.removed) {
        calls.push_back(
            {&organizations::DetachPolicy::model, {{"PolicyId", view.physical_id}, {"TargetId", target}}, {}, true});
    }
}

ApiCalls make_policy(const ResourceView& view) {
    auto request = pick(view, {"Name", "Type", "Content"});
    request["Description"] = view.text("Description");
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    ApiCalls calls{{&organizations::CreatePolicy::model,
                    std::move(request),
                    {{physical_id_capture, "Policy.PolicySummary.Id"},
                     {"Id", "Policy.PolicySummary.Id"},
                     {"Arn", "Policy.PolicySummary.Arn"},
                     {"AwsManaged", "Policy.PolicySummary.AwsManaged"}}}};
    fit_targets(view, calls);
    return calls;
}

ApiCalls change_policy(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("Name") || view.changes("Content") || view.changes("Description")) {
        auto request = pick(view, {"Name", "Content"});
        request["PolicyId"] = view.physical_id;
        request["Description"] = view.text("Description");
        calls.push_back({&organizations::UpdatePolicy::model, std::move(request)});
    }
    fit_targets(view, calls);
    fit_tags(view, calls);
    return calls;
}

ApiCalls remove_policy(const ResourceView& view) {
    ApiCalls calls;
    for (const auto& target : texts_of(view.properties, "TargetIds")) {
        calls.push_back(
            {&organizations::DetachPolicy::model, {{"PolicyId", view.physical_id}, {"TargetId", target}}, {}, true});
    }
    calls.push_back({&organizations::DeletePolicy::model, {{"PolicyId", view.physical_id}}, {}, true});
    return calls;
}

// Until its creation has ended, an account is a request.
Standing account_standing(const store::Reader& reader, const ResourceView& view) {
    if (view.record.work != StackWork::make) return {};
    const auto own = domain::accounts.get(reader, view.stack.account_id);
    if (!own || !*own || !(*own)->organization_id) return {};
    const auto request =
        domain::create_account_requests.get(reader, *(*own)->organization_id, view.attribute("RequestId"));
    if (!request || !*request || (*request)->state == "SUCCEEDED") return {};
    if ((*request)->state == "FAILED") {
        return {Standing::failed, "The account cannot be made: " + (*request)->failure_reason};
    }
    return {Standing::pending};
}

void move_account(const ResourceView& view, std::string from, std::string to, ApiCalls& calls) {
    calls.push_back({&organizations::MoveAccount::model,
                     {{"AccountId", view.physical_id},
                      {"SourceParentId", std::move(from)},
                      {"DestinationParentId", std::move(to)}}});
}

std::string first_parent(const json::object& properties) {
    const auto parents = texts_of(properties, "ParentIds");
    return parents.empty() ? std::string() : parents.front();
}

ApiCalls make_account(const ResourceView& view) {
    auto request = pick(view, {"AccountName", "Email", "RoleName"});
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    ApiCalls calls{
        {&organizations::CreateAccount::model, std::move(request), {{"RequestId", "CreateAccountStatus.Id"}}},
        {&organizations::DescribeCreateAccountStatus::model,
         {{"CreateAccountRequestId", view.attribute("RequestId")}},
         {{physical_id_capture, "CreateAccountStatus.AccountId"}, {"AccountId", "CreateAccountStatus.AccountId"}},
         false,
         true},
        {&organizations::DescribeAccount::model,
         {{"AccountId", view.physical_id}},
         {{"Arn", "Account.Arn"}, {"JoinedMethod", "Account.JoinedMethod"}, {"Status", "Account.Status"}}}};
    if (const auto parent = first_parent(view.properties); !parent.empty()) {
        calls.push_back({&organizations::ListRoots::model, {}, {{"RootId", "Roots.0.Id"}}});
        if (parent != view.attribute("RootId")) move_account(view, view.attribute("RootId"), parent, calls);
    }
    return calls;
}

ApiCalls change_account(const ResourceView& view) {
    ApiCalls calls;
    const auto from = first_parent(view.before), to = first_parent(view.properties);
    if (!from.empty() && !to.empty() && from != to) move_account(view, from, to, calls);
    fit_tags(view, calls);
    return calls;
}

ApiCalls remove_account(const ResourceView& view) {
    return {{&organizations::CloseAccount::model, {{"AccountId", view.physical_id}}, {}, true}};
}

}  // namespace

const ResourceTypes organizations_types = {
    {.name = "AWS::Organizations::OrganizationalUnit",
     .properties = {{"Name", in_place, true}, {"ParentId", replaces, true}, {"Tags"}},
     .attributes = {"Arn", "Id"},
     .make = make_unit,
     .change = change_unit,
     .remove = remove_unit,
     .takes_tags = true},
    {.name = "AWS::Organizations::Policy",
     .properties = {{"Content", in_place, true},
                    {"Description"},
                    {"Name", in_place, true},
                    {"Tags"},
                    {"TargetIds"},
                    {"Type", replaces, true}},
     .attributes = {"Arn", "AwsManaged", "Id"},
     .make = make_policy,
     .change = change_policy,
     .remove = remove_policy,
     .takes_tags = true},
    {.name = "AWS::Organizations::Account",
     .properties =
         {{"AccountName", replaces, true}, {"Email", replaces, true}, {"ParentIds"}, {"RoleName", replaces}, {"Tags"}},
     .attributes = {"AccountId", "Arn", "JoinedMethod", "Status"},
     .make = make_account,
     .change = change_account,
     .remove = remove_account,
     .standing = account_standing,
     .takes_tags = true},
};

}  // namespace sekisho::cloudformation_service
