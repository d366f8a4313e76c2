#pragma once
// The routes of a table as the API shows them: the local ones of its VPC, then those that were made.
#include "services/ec2/common.h"

namespace sekisho::ec2_service {

Result<std::vector<ec2::Route>> routes_to_wire(const Call& call, const domain::RouteTable& table);

}  // namespace sekisho::ec2_service
