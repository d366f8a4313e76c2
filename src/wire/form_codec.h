#pragma once
// Forms: parameters as application/x-www-form-urlencoded, (Action=..&Tags.member.1.Key=..) in the query protocol. Its
// answers are XML: xml_codec.h. EC2's dialect (Action=..&Tag.1.Key=..) knows no "member", and its names are those of
// the answers with a capital: "vpcId" is sent as VpcId.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/model.h"
#include "wire/validation.h"

namespace sekisho::wire {

// Names to values, in order of the names. Refuses bad escapes, invalid UTF-8, repeated names and more than
// limits::form_members_max of them. Errors: MalformedInput, 400.
using FormParameters = std::vector<std::pair<std::string, std::string>>;
Result<FormParameters> parse_form(std::string_view text);

Result<void> decode_form(Protocol protocol, const Shape& shape, const FormParameters& parameters, void* structure,
                         Violations& violations);
// "&Name=value.." for each member that is there; for our own client.
void encode_form(Protocol protocol, const Shape& shape, const void* structure, std::string& out);

}  // namespace sekisho::wire
