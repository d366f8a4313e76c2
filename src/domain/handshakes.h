#pragma once
// Handshakes of AWS Organizations: what an organization asks of an account (to join, to accept all features), and the
// answer. https://docs.aws.amazon.com/organizations/latest/APIReference/API_Handshake.html
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

enum class HandshakeState : std::uint16_t { requested, open, canceled, accepted, declined, expired };
constexpr std::string_view handshake_state_names[] = {"REQUESTED", "OPEN",     "CANCELED",
                                                      "ACCEPTED",  "DECLINED", "EXPIRED"};
constexpr std::span<const std::string_view> enum_names(HandshakeState) {
    return handshake_state_names;
}

// Values of Handshake::action. The organization's own request for all features is the parent of one
// APPROVE_ALL_FEATURES for each invited account.
inline constexpr std::string_view invite_action = "INVITE";
inline constexpr std::string_view enable_all_features_action = "ENABLE_ALL_FEATURES";
inline constexpr std::string_view approve_all_features_action = "APPROVE_ALL_FEATURES";

struct Handshake {
    std::string id;  // h-..
    OrganizationId organization_id;
    AccountId management_account_id;
    std::string action;
    HandshakeState state = HandshakeState::open;  // as written: whoever reads looks at the clock, too
    std::optional<AccountId> account_id;          // that is asked; none: the management account itself
    std::string target_type;                      // of an invitation: ACCOUNT or EMAIL
    std::string target;                           // .. as it was addressed
    std::string notes;
    Tags tags;                 // for the account once it is a member
    std::string feature_set;   // of the organization that invites
    std::string parent_id;     // of APPROVE_ALL_FEATURES
    std::int32_t awaited = 0;  // of ENABLE_ALL_FEATURES: accounts that were asked and have not approved
    bool asked_all = false;    // .. every invited account was asked
    std::string sender_email;  // the management account's, when it was sent
    std::string sender_name;
    Time requested_at{};
    Time expires_at{};
    std::optional<Time> closed_at;
    static const Shape shape;
};

inline constexpr days handshake_kept{30};  // after it ended; then it is gone for its readers, too
Time handshake_gone_at(const Handshake& handshake);

inline constexpr std::uint8_t handshakes_by_organization = 1;  // organization, time
inline constexpr std::uint8_t handshakes_by_account = 2;       // account that is asked, time
inline constexpr std::uint8_t handshakes_by_parent = 3;        // unique: parent, account
extern const store::Table<Handshake> handshakes;               // key(id); expires

// Guards of the handshakes that an organization sent, and of those that an account was sent.
std::string sent_handshakes_guard(const OrganizationId& organization);
std::string received_handshakes_guard(const AccountId& account);

// The organization's delegation policy: what member accounts may do in its place.
struct OrganizationResourcePolicy {
    OrganizationId organization_id;
    std::string id;       // rp-..
    std::string content;  // the document, as given
    Tags tags;
    static const Shape shape;
};
extern const store::Table<OrganizationResourcePolicy> organization_resource_policies;  // key(organization)

}  // namespace sekisho::domain
