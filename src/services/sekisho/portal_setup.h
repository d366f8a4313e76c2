#pragma once
// What a person's own computer needs: profiles of the AWS CLI for every role that they hold, and a kubeconfig for every
// cluster that knows one of these roles.
#include <string>
#include <string_view>

#include "models/control.h"
#include "operation/call.h"

namespace sekisho::control_service {

// Where the profiles say that our certificate authority lies; "~/" is the home folder, which whoever writes the file
// spells out (the CLI does not).
inline constexpr std::string_view authority_file = "~/.aws/sekisho-ca.pem";

struct Setup {
    bool has_authority = false;  // false: the server's certificate is one that computers trust by themselves
    std::string authority_pem;
};
// AccessDeniedException: nobody is signed in.
Result<control::GetPortalSetupResponse> make_portal_setup(operation::Call& call, const Setup& setup);

}  // namespace sekisho::control_service
