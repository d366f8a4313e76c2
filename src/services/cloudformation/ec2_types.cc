// AWS::EC2::*. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EC2.html
#include "domain/ec2.h"
#include "models/ec2.h"
#include "services/cloudformation/types.h"

namespace sekisho::cloudformation_service {
namespace {

constexpr auto replaces = OnChange::replaces;
constexpr auto in_place = OnChange::in_place;
constexpr std::size_t name_characters_max = 255;
constexpr std::size_t template_name_characters_max = 128;

json::array tag_specifications(std::string_view kind, const domain::Tags& tags) {
    return {json::object({{"ResourceType", kind}, {"Tags", tag_list(tags)}})};
}

void add_tags(std::string_view kind, const ResourceView& view, json::object& request) {
    if (!view.tags.empty()) request["TagSpecifications"] = tag_specifications(kind, view.tags);
}

void fit_tags(const std::string& id, const ResourceView& view, ApiCalls& calls) {
    if (view.tags == view.tags_before) return;
    const json::array resources{id};
    json::array gone;
    for (const auto& [key, value] : view.tags_before) {
        if (!view.tags.contains(key)) gone.push_back(json::object({{"Key", key}}));
    }
    if (!gone.empty()) {
        calls.push_back({&ec2::DeleteTags::model, {{"Resources", resources}, {"Tags", std::move(gone)}}, {}, true});
    }
    if (view.tags.empty()) return;
    calls.push_back({&ec2::CreateTags::model, {{"Resources", resources}, {"Tags", tag_list(view.tags)}}});
}

// Of types that nothing but their tags changes in place. EIP's Ref is its address.
ApiCalls change_tags(const ResourceView& view) {
    ApiCalls calls;
    fit_tags(view.physical_id, view, calls);
    return calls;
}

// A switch that is an operation of its own: {EnableDnsSupport: {Value: true}}. What is not given any more goes back to
// what it is by default.
void fit_switch(const wire::OperationModel& operation, const json::object& who, std::string_view property,
                std::string_view by_default, const ResourceView& view, ApiCalls& calls) {
    if (!view.changes(property)) return;
    auto request = who;
    const auto given = view.text(property);
    request[property] = json::object({{"Value", given.empty() ? by_default : std::string_view(given)}});
    calls.push_back({&operation, std::move(request)});
}

void fit_vpc(const ResourceView& view, ApiCalls& calls) {
    const json::object who{{"VpcId", view.physical_id}};
    fit_switch(ec2::ModifyVpcAttribute::model, who, "EnableDnsSupport", "true", view, calls);
    fit_switch(ec2::ModifyVpcAttribute::model, who, "EnableDnsHostnames", "false", view, calls);
}

ApiCalls make_vpc(const ResourceView& view) {
    auto request = pick(view, {"CidrBlock", "InstanceTenancy"});
    add_tags("vpc", view, request);
    ApiCalls calls{{&ec2::CreateVpc::model,
                    std::move(request),
                    {{physical_id_capture, "vpc.vpcId"}, {"VpcId", "vpc.vpcId"}, {"CidrBlock", "vpc.cidrBlock"}}}};
    fit_vpc(view, calls);
    const json::array groups{json::object({{"Name", "vpc-id"}, {"Values", json::array({view.physical_id})}}),
                             json::object({{"Name", "group-name"}, {"Values", json::array({"default"})}})};
    calls.push_back({&ec2::DescribeSecurityGroups::model,
                     {{"Filters", groups}},
                     {{"DefaultSecurityGroup", "securityGroupInfo.0.groupId"}}});
    return calls;
}

// Ranges come with other resources (VPCCidrBlock), after the VPC.
std::optional<json::value> vpc_now(const store::Reader& reader, const domain::Stack& stack, const std::string& id,
                                   std::string_view attribute) {
    const bool is_ipv6 = attribute == "Ipv6CidrBlocks";
    if (!is_ipv6 && attribute != "CidrBlockAssociations") return {};
    const auto vpc = domain::vpcs.get(reader, stack.account_id, stack.region, id);
    if (!vpc || !*vpc) return {};
    json::array list;
    for (const auto& range : is_ipv6 ? (*vpc)->ipv6_cidrs : (*vpc)->cidrs) {
        list.emplace_back(is_ipv6 ? range.cidr : range.id);
    }
    return json::value(std::move(list));
}

ApiCalls change_vpc(const ResourceView& view) {
    ApiCalls calls;
    fit_vpc(view, calls);
    fit_tags(view.physical_id, view, calls);
    return calls;
}

ApiCalls remove_vpc(const ResourceView& view) {
    return {{&ec2::DeleteVpc::model, {{"VpcId", view.physical_id}}, {}, true}};
}

ApiCalls make_vpc_cidr(const ResourceView& view) {
    return {{&ec2::AssociateVpcCidrBlock::model,
             pick(view, {"VpcId", "CidrBlock", "AmazonProvidedIpv6CidrBlock"}),
             {{physical_id_capture, "cidrBlockAssociation.associationId"},
              {physical_id_capture, "ipv6CidrBlockAssociation.associationId"},
              {"Id", "cidrBlockAssociation.associationId"},
              {"Id", "ipv6CidrBlockAssociation.associationId"}}}};
}

ApiCalls remove_vpc_cidr(const ResourceView& view) {
    return {{&ec2::DisassociateVpcCidrBlock::model, {{"AssociationId", view.physical_id}}, {}, true}};
}

void fit_subnet(const ResourceView& view, ApiCalls& calls) {
    const json::object who{{"SubnetId", view.physical_id}};
    for (const auto property : {"MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "EnableDns64"}) {
        fit_switch(ec2::ModifySubnetAttribute::model, who, property, "false", view, calls);
    }
}

ApiCalls make_subnet(const ResourceView& view) {
    auto request = pick(view, {"VpcId", "CidrBlock", "Ipv6CidrBlock", "AvailabilityZone", "AvailabilityZoneId"});
    add_tags("subnet", view, request);
    ApiCalls calls{{&ec2::CreateSubnet::model,
                    std::move(request),
                    {{physical_id_capture, "subnet.subnetId"},
                     {"SubnetId", "subnet.subnetId"},
                     {"AvailabilityZone", "subnet.availabilityZone"},
                     {"AvailabilityZoneId", "subnet.availabilityZoneId"},
                     {"CidrBlock", "subnet.cidrBlock"},
                     {"VpcId", "subnet.vpcId"}}}};
    fit_subnet(view, calls);
    return calls;
}

ApiCalls change_subnet(const ResourceView& view) {
    ApiCalls calls;
    fit_subnet(view, calls);
    fit_tags(view.physical_id, view, calls);
    return calls;
}

ApiCalls remove_subnet(const ResourceView& view) {
    return {{&ec2::DeleteSubnet::model, {{"SubnetId", view.physical_id}}, {}, true}};
}

ApiCalls make_route_table(const ResourceView& view) {
    auto request = pick(view, {"VpcId"});
    add_tags("route-table", view, request);
    return {{&ec2::CreateRouteTable::model,
             std::move(request),
             {{physical_id_capture, "routeTable.routeTableId"}, {"RouteTableId", "routeTable.routeTableId"}}}};
}

ApiCalls remove_route_table(const ResourceView& view) {
    return {{&ec2::DeleteRouteTable::model, {{"RouteTableId", view.physical_id}}, {}, true}};
}

ApiCalls make_table_association(const ResourceView& view) {
    return {{&ec2::AssociateRouteTable::model,
             pick(view, {"RouteTableId", "SubnetId"}),
             {{physical_id_capture, "associationId"}, {"Id", "associationId"}}}};
}

// A subnet has one table at a time, so another one cannot be associated first.
ApiCalls change_table_association(const ResourceView& view) {
    return {{&ec2::ReplaceRouteTableAssociation::model,
             {{"AssociationId", view.physical_id}, {"RouteTableId", view.text("RouteTableId")}},
             {{physical_id_capture, "newAssociationId"}, {"Id", "newAssociationId"}}}};
}

ApiCalls remove_table_association(const ResourceView& view) {
    return {{&ec2::DisassociateRouteTable::model, {{"AssociationId", view.physical_id}}, {}, true}};
}

ApiCalls make_internet_gateway(const ResourceView& view) {
    json::object request;
    add_tags("internet-gateway", view, request);
    return {{&ec2::CreateInternetGateway::model,
             std::move(request),
             {{physical_id_capture, "internetGateway.internetGatewayId"},
              {"InternetGatewayId", "internetGateway.internetGatewayId"}}}};
}

ApiCalls remove_internet_gateway(const ResourceView& view) {
    return {{&ec2::DeleteInternetGateway::model, {{"InternetGatewayId", view.physical_id}}, {}, true}};
}

ApiCalls make_egress_only_gateway(const ResourceView& view) {
    auto request = pick(view, {"VpcId"});
    add_tags("egress-only-internet-gateway", view, request);
    request["ClientToken"] = view.client_token();
    return {{&ec2::CreateEgressOnlyInternetGateway::model,
             std::move(request),
             {{physical_id_capture, "egressOnlyInternetGateway.egressOnlyInternetGatewayId"},
              {"Id", "egressOnlyInternetGateway.egressOnlyInternetGatewayId"}}}};
}

ApiCalls remove_egress_only_gateway(const ResourceView& view) {
    return {
        {&ec2::DeleteEgressOnlyInternetGateway::model, {{"EgressOnlyInternetGatewayId", view.physical_id}}, {}, true}};
}

ApiCalls make_attachment(const ResourceView& view) {
    return {{&ec2::AttachInternetGateway::model, pick(view, {"InternetGatewayId", "VpcId"})}};
}

ApiCalls remove_attachment(const ResourceView& view) {
    return {{&ec2::DetachInternetGateway::model, pick(view, {"InternetGatewayId", "VpcId"}), {}, true}};
}

json::object route_request(const ResourceView& view) {
    return pick(view, {"RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId",
                       "GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "NetworkInterfaceId"});
}

std::string route_destination(const ResourceView& view) {
    for (const auto property : {"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"}) {
        if (auto text = view.text(property); !text.empty()) return text;
    }
    return {};
}

ApiCalls make_route(const ResourceView& view) {
    return {{&ec2::CreateRoute::model, route_request(view)}};
}

ApiCalls change_route(const ResourceView& view) {
    return {{&ec2::ReplaceRoute::model, route_request(view)}};
}

ApiCalls remove_route(const ResourceView& view) {
    return {
        {&ec2::DeleteRoute::model,
         pick(view, {"RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"}),
         {},
         true}};
}

ApiCalls make_address(const ResourceView& view) {
    auto request = pick(view, {"Domain"});
    add_tags("elastic-ip", view, request);
    return {{&ec2::AllocateAddress::model,
             std::move(request),
             {{physical_id_capture, "publicIp"}, {"AllocationId", "allocationId"}, {"PublicIp", "publicIp"}}}};
}

ApiCalls change_address(const ResourceView& view) {
    ApiCalls calls;
    fit_tags(view.attribute("AllocationId"), view, calls);
    return calls;
}

ApiCalls remove_address(const ResourceView& view) {
    return {{&ec2::ReleaseAddress::model, {{"AllocationId", view.attribute("AllocationId")}}, {}, true}};
}

ApiCalls make_nat_gateway(const ResourceView& view) {
    auto request = pick(view, {"AllocationId", "SubnetId", "ConnectivityType", "PrivateIpAddress"});
    add_tags("natgateway", view, request);
    request["ClientToken"] = view.client_token();
    return {{&ec2::CreateNatGateway::model,
             std::move(request),
             {{physical_id_capture, "natGateway.natGatewayId"}, {"NatGatewayId", "natGateway.natGatewayId"}}}};
}

ApiCalls remove_nat_gateway(const ResourceView& view) {
    return {{&ec2::DeleteNatGateway::model, {{"NatGatewayId", view.physical_id}}, {}, true}};
}

// A rule as CloudFormation writes it, as one of the API's IpPermissions.
json::object permission_of(const json::object& rule) {
    const auto text = [&](std::string_view name) -> const json::value* { return rule.if_contains(name); };
    json::object permission;
    for (const auto name : {"IpProtocol", "FromPort", "ToPort"}) {
        if (const auto* value = text(name)) permission[name] = *value;
    }
    const auto add = [&](std::string_view list, std::string_view member, const json::value* value) {
        if (value == nullptr) return;
        json::object target{{member, *value}};
        if (const auto* description = text("Description")) target["Description"] = *description;
        permission[list] = json::array({std::move(target)});
    };
    add("IpRanges", "CidrIp", text("CidrIp"));
    add("Ipv6Ranges", "CidrIpv6", text("CidrIpv6"));
    for (const auto name : {"SourceSecurityGroupId", "DestinationSecurityGroupId"}) {
        add("UserIdGroupPairs", "GroupId", text(name));
    }
    for (const auto name : {"SourcePrefixListId", "DestinationPrefixListId"}) {
        add("PrefixListIds", "PrefixListId", text(name));
    }
    return permission;
}

json::array permissions_of(const json::object& properties, std::string_view property) {
    json::array permissions;
    const auto* rules = properties.if_contains(property);
    if (rules == nullptr || !rules->is_array()) return permissions;
    for (const auto& rule : rules->get_array()) {
        if (rule.is_object()) permissions.push_back(permission_of(rule.get_object()));
    }
    return permissions;
}

// The rules that a group is declared with: what differs goes before what is new comes.
void fit_rules(const ResourceView& view, std::string_view property, const wire::OperationModel& authorize,
               const wire::OperationModel& revoke, ApiCalls& calls) {
    if (!view.changes(property)) return;
    const auto without = [](const json::array& all, const json::array& others) {
        json::array left;
        for (const auto& item : all) {
            if (std::ranges::find(others, item) == others.end()) left.push_back(item);
        }
        return left;
    };
    const auto now = permissions_of(view.before, property), next = permissions_of(view.properties, property);
    auto gone = without(now, next);
    // A new group lets everything out; declared rules take the place of that one.
    const bool is_first = property == "SecurityGroupEgress" && !view.before.contains(property);
    if (is_first) {
        gone.push_back(
            json::object({{"IpProtocol", "-1"}, {"IpRanges", json::array({json::object({{"CidrIp", "0.0.0.0/0"}})})}}));
    }
    if (!gone.empty()) {
        calls.push_back({&revoke, {{"GroupId", view.physical_id}, {"IpPermissions", std::move(gone)}}, {}, true});
    }
    auto fresh = without(next, now);
    if (!fresh.empty()) {
        calls.push_back({&authorize, {{"GroupId", view.physical_id}, {"IpPermissions", std::move(fresh)}}});
    }
}

void fit_group(const ResourceView& view, ApiCalls& calls) {
    fit_rules(view, "SecurityGroupIngress", ec2::AuthorizeSecurityGroupIngress::model,
              ec2::RevokeSecurityGroupIngress::model, calls);
    fit_rules(view, "SecurityGroupEgress", ec2::AuthorizeSecurityGroupEgress::model,
              ec2::RevokeSecurityGroupEgress::model, calls);
}

ApiCalls make_security_group(const ResourceView& view) {
    auto request = pick(view, {"VpcId"});
    request["Description"] = view.text("GroupDescription");
    const auto name = view.text("GroupName");
    request["GroupName"] = name.empty() ? view.generated_name(name_characters_max) : name;
    add_tags("security-group", view, request);
    ApiCalls calls{{&ec2::CreateSecurityGroup::model,
                    std::move(request),
                    {{physical_id_capture, "groupId"}, {"GroupId", "groupId"}, {"Id", "groupId"}}}};
    fit_group(view, calls);
    calls.push_back({&ec2::DescribeSecurityGroups::model,
                     {{"GroupIds", json::array({view.physical_id})}},
                     {{"VpcId", "securityGroupInfo.0.vpcId"}}});
    return calls;
}

ApiCalls change_security_group(const ResourceView& view) {
    ApiCalls calls;
    fit_group(view, calls);
    fit_tags(view.physical_id, view, calls);
    return calls;
}

ApiCalls remove_security_group(const ResourceView& view) {
    return {{&ec2::DeleteSecurityGroup::model, {{"GroupId", view.physical_id}}, {}, true}};
}

ApiCalls make_rule(const ResourceView& view, const wire::OperationModel& authorize) {
    return {{&authorize,
             {{"GroupId", view.text("GroupId")}, {"IpPermissions", json::array({permission_of(view.properties)})}},
             {{physical_id_capture, "securityGroupRuleSet.0.securityGroupRuleId"},
              {"Id", "securityGroupRuleSet.0.securityGroupRuleId"}}}};
}

ApiCalls remove_rule(const ResourceView& view, const wire::OperationModel& revoke) {
    return {{&revoke,
             {{"GroupId", view.text("GroupId")}, {"SecurityGroupRuleIds", json::array({view.physical_id})}},
             {},
             true}};
}

ApiCalls make_ingress(const ResourceView& view) {
    return make_rule(view, ec2::AuthorizeSecurityGroupIngress::model);
}
ApiCalls remove_ingress(const ResourceView& view) {
    return remove_rule(view, ec2::RevokeSecurityGroupIngress::model);
}
ApiCalls make_egress(const ResourceView& view) {
    return make_rule(view, ec2::AuthorizeSecurityGroupEgress::model);
}
ApiCalls remove_egress(const ResourceView& view) {
    return remove_rule(view, ec2::RevokeSecurityGroupEgress::model);
}

ApiCalls make_launch_template(const ResourceView& view) {
    auto request = pick(view, {"LaunchTemplateData", "VersionDescription", "TagSpecifications"});
    const auto name = view.text("LaunchTemplateName");
    request["LaunchTemplateName"] = name.empty() ? view.generated_name(template_name_characters_max) : name;
    if (!view.tags.empty() && !request.contains("TagSpecifications")) add_tags("launch-template", view, request);
    request["ClientToken"] = view.client_token();
    return {{&ec2::CreateLaunchTemplate::model,
             std::move(request),
             {{physical_id_capture, "launchTemplate.launchTemplateId"},
              {"LaunchTemplateId", "launchTemplate.launchTemplateId"},
              {"DefaultVersionNumber", "launchTemplate.defaultVersionNumber"},
              {"LatestVersionNumber", "launchTemplate.latestVersionNumber"}}}};
}

ApiCalls change_launch_template(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("LaunchTemplateData") || view.changes("VersionDescription")) {
        auto request = pick(view, {"LaunchTemplateData", "VersionDescription"});
        request["LaunchTemplateId"] = view.physical_id;
        request["ClientToken"] = view.client_token();
        calls.push_back({&ec2::CreateLaunchTemplateVersion::model,
                         std::move(request),
                         {{"LatestVersionNumber", "launchTemplateVersion.versionNumber"}}});
    }
    fit_tags(view.physical_id, view, calls);
    return calls;
}

ApiCalls remove_launch_template(const ResourceView& view) {
    return {{&ec2::DeleteLaunchTemplate::model, {{"LaunchTemplateId", view.physical_id}}, {}, true}};
}

ApiCalls make_placement_group(const ResourceView& view) {
    auto request = pick(view, {"Strategy", "PartitionCount", "SpreadLevel"});
    request["GroupName"] = view.physical_id;
    add_tags("placement-group", view, request);
    return {{&ec2::CreatePlacementGroup::model, std::move(request)}};
}

ApiCalls remove_placement_group(const ResourceView& view) {
    return {{&ec2::DeletePlacementGroup::model, {{"GroupName", view.physical_id}}, {}, true}};
}

}  // namespace

const ResourceTypes ec2_types = {
    {.name = "AWS::EC2::VPC",
     .properties = {{"CidrBlock", replaces, true},
                    {"EnableDnsHostnames"},
                    {"EnableDnsSupport"},
                    {"InstanceTenancy", replaces},
                    {"Tags"}},
     .attributes = {"CidrBlock", "CidrBlockAssociations", "DefaultSecurityGroup", "Ipv6CidrBlocks", "VpcId"},
     .attribute_now = vpc_now,
     .make = make_vpc,
     .change = change_vpc,
     .remove = remove_vpc,
     .takes_tags = true},
    {.name = "AWS::EC2::VPCCidrBlock",
     .properties = {{"AmazonProvidedIpv6CidrBlock", replaces}, {"CidrBlock", replaces}, {"VpcId", replaces, true}},
     .attributes = {"Id"},
     .make = make_vpc_cidr,
     .remove = remove_vpc_cidr},
    {.name = "AWS::EC2::Subnet",
     .properties = {{"AssignIpv6AddressOnCreation"},
                    {"AvailabilityZone", replaces},
                    {"AvailabilityZoneId", replaces},
                    {"CidrBlock", replaces},
                    {"EnableDns64"},
                    {"Ipv6CidrBlock", replaces},
                    {"MapPublicIpOnLaunch"},
                    {"Tags"},
                    {"VpcId", replaces, true}},
     .attributes = {"AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "SubnetId", "VpcId"},
     .make = make_subnet,
     .change = change_subnet,
     .remove = remove_subnet,
     .takes_tags = true},
    {.name = "AWS::EC2::RouteTable",
     .properties = {{"Tags"}, {"VpcId", replaces, true}},
     .attributes = {"RouteTableId"},
     .make = make_route_table,
     .change = change_tags,
     .remove = remove_route_table,
     .takes_tags = true},
    {.name = "AWS::EC2::SubnetRouteTableAssociation",
     .properties = {{"RouteTableId", in_place, true}, {"SubnetId", replaces, true}},
     .attributes = {"Id"},
     .make = make_table_association,
     .change = change_table_association,
     .remove = remove_table_association},
    {.name = "AWS::EC2::InternetGateway",
     .properties = {{"Tags"}},
     .attributes = {"InternetGatewayId"},
     .make = make_internet_gateway,
     .change = change_tags,
     .remove = remove_internet_gateway,
     .takes_tags = true},
    {.name = "AWS::EC2::EgressOnlyInternetGateway",
     .properties = {{"Tags"}, {"VpcId", replaces, true}},
     .attributes = {"Id"},
     .make = make_egress_only_gateway,
     .change = change_tags,
     .remove = remove_egress_only_gateway,
     .takes_tags = true},
    {.name = "AWS::EC2::VPCGatewayAttachment",
     .properties = {{"InternetGatewayId", replaces, true}, {"VpcId", replaces, true}},
     .make = make_attachment,
     .remove = remove_attachment,
     .physical_id = [](const ResourceView& view) { return "IGW|" + view.text("VpcId"); }},
    {.name = "AWS::EC2::Route",
     .properties = {{"DestinationCidrBlock", replaces},
                    {"DestinationIpv6CidrBlock", replaces},
                    {"DestinationPrefixListId", replaces},
                    {"EgressOnlyInternetGatewayId"},
                    {"GatewayId"},
                    {"NatGatewayId"},
                    {"NetworkInterfaceId"},
                    {"RouteTableId", replaces, true}},
     .make = make_route,
     .change = change_route,
     .remove = remove_route,
     .physical_id = [](const ResourceView& view) { return view.text("RouteTableId") + "|" + route_destination(view); }},
    {.name = "AWS::EC2::EIP",
     .properties = {{"Domain", replaces}, {"Tags"}},
     .attributes = {"AllocationId", "PublicIp"},
     .make = make_address,
     .change = change_address,
     .remove = remove_address,
     .takes_tags = true},
    {.name = "AWS::EC2::NatGateway",
     .properties = {{"AllocationId", replaces},
                    {"ConnectivityType", replaces},
                    {"PrivateIpAddress", replaces},
                    {"SubnetId", replaces, true},
                    {"Tags"}},
     .attributes = {"NatGatewayId"},
     .make = make_nat_gateway,
     .change = change_tags,
     .remove = remove_nat_gateway,
     .takes_tags = true},
    {.name = "AWS::EC2::SecurityGroup",
     .properties = {{"GroupDescription", replaces, true},
                    {"GroupName", replaces},
                    {"SecurityGroupEgress"},
                    {"SecurityGroupIngress"},
                    {"Tags"},
                    {"VpcId", replaces}},
     .attributes = {"GroupId", "Id", "VpcId"},
     .make = make_security_group,
     .change = change_security_group,
     .remove = remove_security_group,
     .name_property = "GroupName",
     .takes_tags = true},
    {.name = "AWS::EC2::SecurityGroupIngress",
     .properties = {{"CidrIp", replaces},
                    {"CidrIpv6", replaces},
                    {"Description", replaces},
                    {"FromPort", replaces},
                    {"GroupId", replaces, true},
                    {"IpProtocol", replaces, true},
                    {"SourcePrefixListId", replaces},
                    {"SourceSecurityGroupId", replaces},
                    {"ToPort", replaces}},
     .attributes = {"Id"},
     .make = make_ingress,
     .remove = remove_ingress},
    {.name = "AWS::EC2::SecurityGroupEgress",
     .properties = {{"CidrIp", replaces},
                    {"CidrIpv6", replaces},
                    {"Description", replaces},
                    {"DestinationPrefixListId", replaces},
                    {"DestinationSecurityGroupId", replaces},
                    {"FromPort", replaces},
                    {"GroupId", replaces, true},
                    {"IpProtocol", replaces, true},
                    {"ToPort", replaces}},
     .attributes = {"Id"},
     .make = make_egress,
     .remove = remove_egress},
    {.name = "AWS::EC2::LaunchTemplate",
     .properties = {{"LaunchTemplateData", in_place, true},
                    {"LaunchTemplateName", replaces},
                    {"TagSpecifications", replaces},
                    {"VersionDescription"}},
     .attributes = {"DefaultVersionNumber", "LatestVersionNumber", "LaunchTemplateId"},
     .make = make_launch_template,
     .change = change_launch_template,
     .remove = remove_launch_template,
     .name_property = "LaunchTemplateName"},
    {.name = "AWS::EC2::PlacementGroup",
     .properties = {{"PartitionCount", replaces}, {"SpreadLevel", replaces}, {"Strategy", replaces}, {"Tags"}},
     .make = make_placement_group,
     .remove = remove_placement_group,
     .physical_id = [](const ResourceView& view) { return view.generated_name(name_characters_max); },
     .takes_tags = true},
};

}  // namespace sekisho::cloudformation_service
