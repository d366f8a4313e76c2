#include "domain/handshakes.h"

#include <cstddef>

namespace sekisho::domain {

using store::key;

const Shape Handshake::shape = record_shape<Handshake>(
    "Handshake",
    {SEK_FIELD(1, Handshake, id), SEK_FIELD(2, Handshake, organization_id),
     SEK_FIELD(3, Handshake, management_account_id), SEK_FIELD(4, Handshake, action), SEK_FIELD(5, Handshake, state),
     SEK_FIELD(6, Handshake, account_id), SEK_FIELD(7, Handshake, target_type), SEK_FIELD(8, Handshake, target),
     SEK_FIELD(9, Handshake, notes), SEK_FIELD(10, Handshake, tags), SEK_FIELD(11, Handshake, feature_set),
     SEK_FIELD(12, Handshake, parent_id), SEK_FIELD(13, Handshake, awaited), SEK_FIELD(14, Handshake, asked_all),
     SEK_FIELD(15, Handshake, sender_email), SEK_FIELD(16, Handshake, sender_name),
     SEK_FIELD(17, Handshake, requested_at), SEK_FIELD(18, Handshake, expires_at),
     SEK_FIELD(19, Handshake, closed_at)});

Time handshake_gone_at(const Handshake& handshake) {
    return handshake.closed_at.value_or(handshake.expires_at) + handshake_kept;
}

namespace {

std::vector<std::string> account_keys(const Handshake& h) {
    if (!h.account_id) return {};
    return {key(*h.account_id, h.requested_at)};
}

std::vector<std::string> parent_keys(const Handshake& h) {
    if (h.parent_id.empty() || !h.account_id) return {};
    return {key(h.parent_id, *h.account_id)};
}

std::vector<std::string> guards(const Handshake& h) {
    std::vector guards{sent_handshakes_guard(h.organization_id)};
    if (h.account_id) guards.push_back(received_handshakes_guard(*h.account_id));
    return guards;
}

}  // namespace

const store::Table<Handshake> handshakes(
    28, "handshakes", [](const Handshake& h) { return key(h.id); },
    {.indexes = {{handshakes_by_organization, "by_organization", store::several,
                  [](const Handshake& h) { return std::vector{key(h.organization_id, h.requested_at)}; }},
                 {handshakes_by_account, "by_account", store::several, account_keys},
                 {handshakes_by_parent, "by_parent", store::unique, parent_keys}},
     .expires_at = [](const Handshake& h) -> std::optional<Time> { return handshake_gone_at(h); },
     .guards = guards});

std::string sent_handshakes_guard(const OrganizationId& organization) {
    return "handshakes/sent/" + organization.str();
}

std::string received_handshakes_guard(const AccountId& account) {
    return "handshakes/received/" + account.str();
}

const Shape OrganizationResourcePolicy::shape = record_shape<OrganizationResourcePolicy>(
    "OrganizationResourcePolicy",
    {SEK_FIELD(1, OrganizationResourcePolicy, organization_id), SEK_FIELD(2, OrganizationResourcePolicy, id),
     SEK_FIELD(3, OrganizationResourcePolicy, content), SEK_FIELD(4, OrganizationResourcePolicy, tags)});

const store::Table<OrganizationResourcePolicy> organization_resource_policies(29, "organization_resource_policies",
                                                                              [](const OrganizationResourcePolicy& p) {
                                                                                  return key(p.organization_id);
                                                                              });

}  // namespace sekisho::domain
