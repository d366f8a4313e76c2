#pragma once
// What the operations on handshakes share: where a handshake stands now, who its parties are, how it looks.
#include <optional>
#include <string>

#include "domain/handshakes.h"
#include "domain/organization.h"
#include "models/organizations.h"
#include "operation/call.h"

namespace sekisho::organizations_service {

// Where it stands now: what was written, unless time ran out, the organization is gone, or what it belonged to ended.
Result<domain::HandshakeState> state_now(const operation::Call& call, const domain::Handshake& handshake);
// It still waits for an answer.
bool is_pending(domain::HandshakeState state);

// A new one of the organization, with its id, sender and end; not yet written.
Result<domain::Handshake> new_handshake(operation::Call& call, const domain::Organization& organization,
                                        std::string_view action, seconds life);
// Ends it in that state, and writes it.
Result<void> close_handshake(operation::Call& call, domain::Handshake& handshake, domain::HandshakeState state);

std::string handshake_arn(const domain::Handshake& handshake);
organizations::Handshake to_wire(const domain::Handshake& handshake, domain::HandshakeState state);

// Mail that says what is asked, from the organization to the account's address. Kept in the sender's outbox.
Result<void> mail_handshake(operation::Call& call, const domain::Handshake& handshake, const std::string& address);

ApiError handshake_constraint(std::string reason, std::string message);

// Accepting an invitation (invitations.cc): the caller's account becomes a member.
Result<void> accept_invitation(operation::Call& call, domain::Handshake& handshake);

}  // namespace sekisho::organizations_service
