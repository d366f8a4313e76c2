#pragma once
// The services that have service-linked roles here.
#include <string_view>
#include <vector>

namespace sekisho::iam_service {

struct LinkedService {
    std::string_view principal;    // eks.amazonaws.com
    std::string_view role_name;    // AWSServiceRoleForAmazonEKS
    std::string_view policy_name;  // an AWS managed policy
    bool takes_suffix;             // several roles of one service, told apart by a suffix
};

const std::vector<LinkedService>& linked_services();

}  // namespace sekisho::iam_service
