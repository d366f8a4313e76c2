#pragma once
// Strong ids: an AccountId is not a RoleId. Each wraps one std::string and nothing else, so that the reflection of
// shapes (wire/shape.h) treats it as text. Make one from checked text; the forms are AWS's (API models, IAM reference).
#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace sekisho {

template <class Tag>
class StrongId {
 public:
    StrongId() = default;
    explicit StrongId(std::string value) : value_(std::move(value)) {}
    explicit StrongId(std::string_view value) : value_(value) {}
    explicit StrongId(const char* value) : value_(value) {}

    const std::string& str() const { return value_; }
    bool empty() const { return value_.empty(); }
    operator std::string_view() const { return value_; }
    friend bool operator==(const StrongId&, const StrongId&) = default;
    friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
    std::string value_;
};

using AccountId = StrongId<struct AccountIdTag>;                // 12 digits
using Region = StrongId<struct RegionTag>;                      // us-east-1
using PrincipalId = StrongId<struct PrincipalIdTag>;            // AIDA.. / AROA.. unique id of a user or role
using AccessKeyId = StrongId<struct AccessKeyIdTag>;            // AKIA.. / ASIA..
using PersonId = StrongId<struct PersonIdTag>;                  // identity store user id
using DirectoryGroupId = StrongId<struct DirectoryGroupIdTag>;  // identity store group id
using MembershipId = StrongId<struct MembershipIdTag>;          // identity store membership id
using SignInSessionId = StrongId<struct SignInSessionIdTag>;    // of the portal
using PermissionSetArn = StrongId<struct PermissionSetArnTag>;
using InstanceArn = StrongId<struct InstanceArnTag>;                    // arn:aws:sso:::instance/ssoins-..
using IdentityStoreId = StrongId<struct IdentityStoreIdTag>;            // d-<10 hex>
using OrganizationId = StrongId<struct OrganizationIdTag>;              // o-..
using OrganizationNodeId = StrongId<struct OrganizationNodeIdTag>;      // a root r-.. or a unit ou-..
using OrganizationPolicyId = StrongId<struct OrganizationPolicyIdTag>;  // p-..

bool is_account_id(std::string_view text);
// The form of a region's name (us-east-1, ap-northeast-1, us-gov-west-1): any such region is served.
bool is_region(std::string_view text);

}  // namespace sekisho

template <class Tag>
struct std::hash<sekisho::StrongId<Tag>> {
    std::size_t operator()(const sekisho::StrongId<Tag>& id) const { return std::hash<std::string>()(id.str()); }
};
