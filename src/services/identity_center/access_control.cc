// Attributes for access control: which attributes of a person become session tags.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/attributesforaccesscontrol.html
#include <set>

#include "models/sso_admin.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using Configuration = sso_admin::InstanceAccessControlAttributeConfiguration;

ApiError not_configured() {
    return sso_admin::errors::resource_not_found_exception("ABAC is not enabled for the instance.");
}

Result<void> put_attributes(Call& call, domain::IdentityCenter& center, const Configuration& configuration) {
    std::set<std::string> keys;
    center.access_control_enabled = true;
    center.access_control_attributes.clear();
    for (const auto& attribute : configuration.access_control_attributes) {
        if (!keys.insert(attribute.key).second) {
            return sso_admin::errors::validation_exception("Duplicate attribute key " + attribute.key + ".");
        }
        center.access_control_attributes.push_back({.key = attribute.key, .source = attribute.value.source.front()});
    }
    return domain::identity_centers.put(call.tx, center);
}

Result<sso_admin::CreateInstanceAccessControlAttributeConfigurationResponse> create_configuration(
    Call& call, const sso_admin::CreateInstanceAccessControlAttributeConfigurationRequest& request) {
    using Op = sso_admin::CreateInstanceAccessControlAttributeConfiguration;
    SEK_TRY(auto center, instance_of<Op>(call, request));
    if (center.access_control_enabled) {
        return sso_admin::errors::conflict_exception("ABAC is already enabled for the instance.");
    }
    SEK_TRY(put_attributes(call, center, request.instance_access_control_attribute_configuration));
    return Op::Response();
}

Result<sso_admin::UpdateInstanceAccessControlAttributeConfigurationResponse> update_configuration(
    Call& call, const sso_admin::UpdateInstanceAccessControlAttributeConfigurationRequest& request) {
    using Op = sso_admin::UpdateInstanceAccessControlAttributeConfiguration;
    SEK_TRY(auto center, instance_of<Op>(call, request));
    if (!center.access_control_enabled) return not_configured();
    SEK_TRY(put_attributes(call, center, request.instance_access_control_attribute_configuration));
    return Op::Response();
}

Result<sso_admin::DeleteInstanceAccessControlAttributeConfigurationResponse> delete_configuration(
    Call& call, const sso_admin::DeleteInstanceAccessControlAttributeConfigurationRequest& request) {
    using Op = sso_admin::DeleteInstanceAccessControlAttributeConfiguration;
    SEK_TRY(auto center, instance_of<Op>(call, request));
    if (!center.access_control_enabled) return not_configured();
    center.access_control_enabled = false;
    center.access_control_attributes.clear();
    SEK_TRY(domain::identity_centers.put(call.tx, center));
    return Op::Response();
}

Result<sso_admin::DescribeInstanceAccessControlAttributeConfigurationResponse> describe_configuration(
    Call& call, const sso_admin::DescribeInstanceAccessControlAttributeConfigurationRequest& request) {
    using Op = sso_admin::DescribeInstanceAccessControlAttributeConfiguration;
    SEK_TRY(const auto center, instance_of<Op>(call, request));
    if (!center.access_control_enabled) return not_configured();
    Op::Response response;
    response.status = sso_admin::InstanceAccessControlAttributeConfigurationStatus::enabled;
    auto& attributes = response.instance_access_control_attribute_configuration.emplace().access_control_attributes;
    for (const auto& attribute : center.access_control_attributes) {
        attributes.push_back({.key = attribute.key, .value = {.source = {attribute.source}}});
    }
    return response;
}

}  // namespace

const operation::OperationTable access_control_operations = {
    operation::operation<sso_admin::CreateInstanceAccessControlAttributeConfiguration>(
        {.access = Access::write,
         .resources = instance_permissions<sso_admin::CreateInstanceAccessControlAttributeConfigurationRequest>,
         .handle = create_configuration}),
    operation::operation<sso_admin::UpdateInstanceAccessControlAttributeConfiguration>(
        {.access = Access::write,
         .resources = instance_permissions<sso_admin::UpdateInstanceAccessControlAttributeConfigurationRequest>,
         .handle = update_configuration}),
    operation::operation<sso_admin::DeleteInstanceAccessControlAttributeConfiguration>(
        {.access = Access::write,
         .resources = instance_permissions<sso_admin::DeleteInstanceAccessControlAttributeConfigurationRequest>,
         .handle = delete_configuration}),
    operation::operation<sso_admin::DescribeInstanceAccessControlAttributeConfiguration>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::DescribeInstanceAccessControlAttributeConfigurationRequest>,
         .handle = describe_configuration}),
};

}  // namespace sekisho::identity_center_service
