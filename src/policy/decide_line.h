#pragma once
// `sekisho policy decide`: the engine on JSON lines, without a server.
//
// In: {"id", "principal", "action", "resource", "resourceAccount", "context": {key: text or list}, "identity":
// [document], "boundary": [document], "session": document, "scp" and "rcp": [{"level", "policies": [document]}] from
// the root down, "resourcePolicy": document}. principal, action and resource are required.
// Out: {"id", "decision", "reasons": [{"layer", "policy", "statement", "key"}]}; a line that cannot be decided gives
// {"id", "error"}. A policy is named by its place: "identity[0]", "scp[root][1]", "resourcePolicy".
//
// A role's ARN as principal is one of its sessions. A session's role ARN is the context's aws:PrincipalArn if given,
// else built from the session's ARN without a path. resourcePolicy is a trust policy when resource is a role and the
// action is of the sts service. No resourceAccount: the account within the resource's ARN, else the principal's.
#include <string>
#include <string_view>

namespace sekisho::policy {

std::string decide_line(std::string_view json_line);

}  // namespace sekisho::policy
