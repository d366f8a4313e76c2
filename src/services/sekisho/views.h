#pragma once
// Records as the service shows them.
#include <cstddef>
#include <optional>
#include <vector>

#include "domain/directory.h"
#include "domain/mail.h"
#include "domain/sessions.h"
#include "models/control.h"
#include "operation/call.h"

namespace sekisho::control_service {

control::MfaDevice to_view(const domain::MfaDevice& device);
control::SignInSession to_view(const domain::SignInSession& session);
control::SignInRecord to_view(const domain::SignInRecord& record);
control::MailSummary to_view(const domain::Mail& mail);
bool is_live(const domain::SignInSession& session, const domain::Person& person, Time now);

// The sessions of a person that are alive.
Result<std::vector<control::SignInSession>> live_sessions(const store::Reader& reader, const domain::Person& person,
                                                          Time now);

// The person who is signed in. AccessDeniedException: nobody is.
Result<domain::Person> signed_in_person(operation::Call& call);

inline constexpr std::size_t page_items_default = 100;
template <class Request>
std::size_t page_limit(const Request& request) {
    return request.max_results ? static_cast<std::size_t>(*request.max_results) : page_items_default;
}
// Where the page begins that the request asks for. `scope` names the list and what filters it; a token of another list
// is a ValidationException.
template <class Request>
Result<std::string> page_start(const operation::Call& call, std::string_view scope, const Request& request) {
    auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return control::errors::validation_exception("NextToken is not valid.");
    return std::move(*after);
}

}  // namespace sekisho::control_service
