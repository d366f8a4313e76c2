// Roles that an AWS service owns: IAM makes and deletes them, nobody changes them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "models/iam.h"
#include "services/iam/documents.h"
#include "services/iam/entity.h"
#include "services/iam/managed_policy.h"
#include "services/iam/permissions.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"
#include "services/iam/service_linked.h"
#include "services/iam/wire_forms.h"
#include "wire/arn.h"

namespace sekisho::iam_service {

// Names of roles and policies: the services' own pages ("Using service-linked roles for ...").
const std::vector<LinkedService>& linked_services() {
    static const std::vector<LinkedService> services = {
        {"access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer", "AccessAnalyzerServiceRolePolicy", false},
        {"autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", true},
        {"cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail", "CloudTrailServiceRolePolicy", false},
        {"config.amazonaws.com", "AWSServiceRoleForConfig", "AWSConfigServiceRolePolicy", false},
        {"ec2fleet.amazonaws.com", "AWSServiceRoleForEC2Fleet", "AWSEC2FleetServiceRolePolicy", false},
        {"ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy", false},
        {"eks-connector.amazonaws.com", "AWSServiceRoleForAmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy",
         false},
        {"eks-fargate.amazonaws.com", "AWSServiceRoleForAmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy",
         false},
        {"eks-nodegroup.amazonaws.com", "AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup",
         false},
        {"eks.amazonaws.com", "AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy", false},
        {"elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing",
         "AWSElasticLoadBalancingServiceRolePolicy", false},
        {"guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy", false},
        {"organizations.amazonaws.com", "AWSServiceRoleForOrganizations", "AWSOrganizationsServiceTrustPolicy", false},
        {"rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy", false},
        {"spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", false},
        {"spotfleet.amazonaws.com", "AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false},
        {"sso.amazonaws.com", "AWSServiceRoleForSSO", "AWSSSOServiceRolePolicy", false},
    };
    return services;
}

namespace {

using operation::Access;
using operation::Call;
using operation::operation;

const LinkedService* find_service(std::string_view principal) {
    const auto& services = linked_services();
    const auto found = std::ranges::find(services, principal, &LinkedService::principal);
    return found == services.end() ? nullptr : &*found;
}

std::string role_name_of(const LinkedService& service, const std::optional<std::string>& suffix) {
    return std::string(service.role_name) + (suffix ? "_" + *suffix : "");
}

std::string path_of(std::string_view principal) {
    return "/aws-service-role/" + std::string(principal) + "/";
}

Permissions create_permissions(const Call& call, const iam::CreateServiceLinkedRoleRequest& request) {
    const auto* service = find_service(request.aws_service_name);
    // A service that is not known has a resource that no policy names but by wildcard.
    const auto name = service != nullptr ? role_name_of(*service, request.custom_suffix) : "*";
    access::Permission permission;
    permission.resource = wire::make_role_arn(call.account(), path_of(request.aws_service_name), name);
    permission.context.push_back({"iam:AWSServiceName", {request.aws_service_name}});
    return {permission};
}

std::string trust_of(std::string_view principal) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":")" +
           std::string(principal) + R"("},"Action":"sts:AssumeRole"}]})";
}

Result<iam::CreateServiceLinkedRoleResponse> create_role(Call& call,
                                                         const iam::CreateServiceLinkedRoleRequest& request) {
    const auto* service = find_service(request.aws_service_name);
    if (service == nullptr) {
        return iam::errors::invalid_input_exception(request.aws_service_name +
                                                    " is not a service that has service-linked roles.");
    }
    if (request.custom_suffix && !service->takes_suffix) {
        return iam::errors::invalid_input_exception("Custom suffix is not allowed for " + request.aws_service_name);
    }
    const auto name = role_name_of(*service, request.custom_suffix);
    if (name.size() > 64) return iam::errors::invalid_input_exception("The custom suffix is too long: " + name);
    if (domain::roles.exists(call.tx, call.account(), lower_ascii(name))) {
        return iam::errors::invalid_input_exception("Service role name " + name +
                                                    " has been taken in this account, please try a different suffix.");
    }
    const auto* policy = domain::find_aws_managed_policy(service->policy_name);
    if (policy == nullptr) return errors::internal_failure("a service-linked role's policy is missing");
    domain::Role role;
    role.account_id = call.account();
    role.name = name;
    role.path = path_of(service->principal);
    role.id = PrincipalId(domain::make_unique_id("AROA", call.account(), call.random));
    role.trust_policy = trust_of(service->principal);
    role.description = request.description;
    role.created_at = call.now;
    role.is_protected = true;
    SEK_TRY(domain::roles.put(call.tx, role));
    domain::PrincipalPolicies policies;
    policies.principal_id = role.id;
    policies.attached_policy_arns.push_back(domain::aws_managed_policy_arn(*policy));
    SEK_TRY(save_policies(call.tx, policies));
    SEK_TRY(add_use(call.tx, entity_of(role), policies.attached_policy_arns.front(), PolicyUsage::permissions));
    iam::CreateServiceLinkedRoleResponse response;
    response.role = role_to_wire(call.tx, role);
    return response;
}

// The principal within /aws-service-role/<principal>/; empty for other roles.
std::string service_of(const domain::Role& role) {
    constexpr std::string_view start = "/aws-service-role/";
    if (!role.path.starts_with(start)) return {};
    return role.path.substr(start.size(), role.path.size() - start.size() - 1);
}

Permissions delete_permissions(const Call& call, const iam::DeleteServiceLinkedRoleRequest& request) {
    ContextValues context;
    const auto role = domain::roles.get(call.tx, call.account(), lower_ascii(request.role_name));
    if (role && *role) context.push_back({"iam:AWSServiceName", {service_of(**role)}});
    return on_entity(call, EntityKind::role, request.role_name, std::move(context));
}

constexpr auto deletion_kept = hours(24 * 30);

Result<iam::DeleteServiceLinkedRoleResponse> delete_role(Call& call,
                                                         const iam::DeleteServiceLinkedRoleRequest& request) {
    SEK_TRY(const auto role, require_role(call.tx, call.account(), request.role_name));
    const auto service = service_of(role);
    if (service.empty()) {
        return iam::errors::no_such_entity_exception("The service-linked role with name " + role.name +
                                                     " cannot be found.");
    }
    SEK_TRY(auto policies, load_policies(call.tx, role.id));
    for (const auto& arn : policies.attached_policy_arns) {
        SEK_TRY(remove_use(call.tx, entity_of(role), arn, PolicyUsage::permissions));
    }
    policies = {.principal_id = role.id};
    SEK_TRY(save_policies(call.tx, policies));
    SEK_TRY([[maybe_unused]] const bool existed, domain::roles.erase(call.tx, call.account(), lower_ascii(role.name)));
    domain::ServiceLinkedRoleDeletion deletion;
    deletion.account_id = call.account();
    deletion.task_id = "task/aws-service-role/" + service + "/" + role.name + "/" + random_uuid(call.random);
    deletion.expires_at = call.now + deletion_kept;
    SEK_TRY(domain::service_linked_role_deletions.put(call.tx, deletion));
    return iam::DeleteServiceLinkedRoleResponse{.deletion_task_id = deletion.task_id};
}

// The role's name is in the task's id.
Permissions status_permissions(const Call& call, const iam::GetServiceLinkedRoleDeletionStatusRequest& request) {
    const auto parts = split(request.deletion_task_id, '/');
    const std::string principal(parts.size() > 2 ? parts[2] : "*");
    const std::string name(parts.size() > 3 ? parts[3] : "*");
    access::Permission permission;
    permission.resource = wire::make_role_arn(call.account(), path_of(principal), name);
    return {permission};
}

Result<iam::GetServiceLinkedRoleDeletionStatusResponse> get_status(
    Call& call, const iam::GetServiceLinkedRoleDeletionStatusRequest& request) {
    SEK_TRY(const auto deletion,
            domain::service_linked_role_deletions.get(call.tx, call.account(), request.deletion_task_id));
    if (!deletion || deletion->expires_at <= call.now) {
        return iam::errors::no_such_entity_exception("The deletion task with id " + request.deletion_task_id +
                                                     " cannot be found.");
    }
    // The deletion was done when the task was made: nothing of ours keeps such a role in use.
    return iam::GetServiceLinkedRoleDeletionStatusResponse{.status = iam::DeletionTaskStatusType::succeeded};
}

}  // namespace

const operation::OperationTable service_linked_role_operations = {
    operation<iam::CreateServiceLinkedRole>(
        {.access = Access::write, .resources = create_permissions, .handle = create_role}),
    operation<iam::DeleteServiceLinkedRole>(
        {.access = Access::write, .resources = delete_permissions, .handle = delete_role}),
    operation<iam::GetServiceLinkedRoleDeletionStatus>(
        {.access = Access::read, .resources = status_permissions, .handle = get_status}),
};

}  // namespace sekisho::iam_service
