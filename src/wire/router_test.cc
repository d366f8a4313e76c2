#include "wire/router.h"

#include <gtest/gtest.h>

#include "wire/all_services_test.h"
#include "wire/rest_codec.h"

namespace sekisho::wire {
namespace {

std::string route(const RouteFacts& facts) {
    const auto found = find_route(all_services(), facts);
    if (found.service == nullptr) return "nothing";
    return std::string(found.service->name) + ":" +
           (found.operation == nullptr ? "unknown" : std::string(found.operation->name));
}

TEST(Router, ByTarget) {
    EXPECT_EQ(route({.method = "POST", .path = "/", .target = "AWSOrganizationsV20161128.ListRoots"}),
              "organizations:ListRoots");
    // sso is the signing name of two services; the target tells.
    EXPECT_EQ(
        route({.method = "POST", .path = "/", .target = "SWBExternalService.ListInstances", .scope_service = "sso"}),
        "sso-admin:ListInstances");
    EXPECT_EQ(route({.method = "POST", .path = "/", .target = "AWSOrganizationsV20161128.Nope"}),
              "organizations:unknown");
    EXPECT_EQ(route({.method = "POST", .path = "/", .target = "Nobody.Nope"}), "nothing");
    EXPECT_EQ(route({.method = "POST", .path = "/", .target = "NoDot"}), "nothing");
}

TEST(Router, ByAction) {
    EXPECT_EQ(
        route({.method = "POST", .path = "/", .scope_service = "sts", .action = "AssumeRole", .version = "2011-06-15"}),
        "sts:AssumeRole");
    EXPECT_EQ(
        route({.method = "POST", .path = "/", .scope_service = "iam", .action = "AssumeRole", .version = "2011-06-15"}),
        "iam:unknown");
    // Unsigned: a web identity is the credential.
    EXPECT_EQ(route({.method = "POST", .path = "/", .action = "AssumeRoleWithWebIdentity", .version = "2011-06-15"}),
              "sts:AssumeRoleWithWebIdentity");
    EXPECT_EQ(route({.method = "POST", .path = "/", .scope_service = "sts", .action = "AssumeRole", .version = "1999"}),
              "sts:unknown");
}

TEST(Router, ByPath) {
    EXPECT_EQ(route({.method = "GET", .path = "/clusters", .scope_service = "eks"}), "eks:ListClusters");
    EXPECT_EQ(route({.method = "GET", .path = "/clusters/c", .scope_service = "eks"}), "eks:DescribeCluster");
    EXPECT_EQ(route({.method = "POST", .path = "/clusters/c/node-groups", .scope_service = "eks"}),
              "eks:CreateNodegroup");
    EXPECT_EQ(route({.method = "GET", .path = "/addons/supported-versions", .scope_service = "eks"}),
              "eks:DescribeAddonVersions");
    EXPECT_EQ(route({.method = "PATCH", .path = "/clusters", .scope_service = "eks"}), "eks:unknown");
    EXPECT_EQ(route({.method = "POST", .path = "/client/register"}), "sso-oidc:RegisterClient");
    EXPECT_EQ(route({.method = "POST", .path = "/device_authorization"}), "sso-oidc:StartDeviceAuthorization");
    EXPECT_EQ(route({.method = "POST", .path = "/token"}), "sso-oidc:CreateToken");
    EXPECT_EQ(route({.method = "POST", .path = "/token", .query = "aws_iam=t"}), "sso-oidc:CreateTokenWithIAM");
    EXPECT_EQ(route({.method = "GET", .path = "/assignment/accounts"}), "sso:ListAccounts");
    EXPECT_EQ(route({.method = "GET", .path = "/federation/credentials"}), "sso:GetRoleCredentials");
    EXPECT_EQ(route({.method = "POST", .path = "/logout"}), "sso:Logout");
    EXPECT_EQ(route({.method = "GET", .path = "/start"}), "nothing");
}

TEST(Router, InternalOperationsCannotBeReached) {
    int checked = 0;
    for (const auto* service : all_services()) {
        for (const auto* operation : service->operations) {
            if (!operation->is_internal) continue;
            ++checked;
            const auto target = std::string(service->target_prefix) + "." + std::string(operation->name);
            EXPECT_EQ(route({.method = "POST", .path = "/", .target = target, .scope_service = service->signing_name}),
                      std::string(service->name) + ":unknown");
        }
    }
    EXPECT_GT(checked, 10);
}

// Every operation is found by what its own client sends.
TEST(Router, FindsEveryOperation) {
    for (const auto* service : all_services()) {
        for (const auto* operation : service->operations) {
            if (operation->is_internal) continue;
            RouteFacts facts{.method = "POST", .path = "/", .scope_service = service->signing_name};
            const auto target = std::string(service->target_prefix) + "." + std::string(operation->name);
            std::string path;
            for (const char c : operation->uri.substr(0, operation->uri.find('?'))) {
                if (c != '{' && c != '}') path += c;
            }
            if (service->protocol == Protocol::aws_json) facts.target = target;
            if (is_form(service->protocol)) facts.action = operation->name, facts.version = service->api_version;
            if (service->protocol == Protocol::rest_json) {
                facts.method = operation->method, facts.path = path;
                const auto mark = operation->uri.find('?');
                if (mark != std::string_view::npos) facts.query = operation->uri.substr(mark + 1);
            }
            EXPECT_EQ(find_route(all_services(), facts).operation, operation)
                << service->name << ":" << operation->name;
        }
    }
}

TEST(Router, UnknownOperations) {
    const auto query = unknown_operation(*find_route(all_services(), {.scope_service = "sts"}).service,
                                         {.action = "Nope", .version = "2011-06-15"});
    EXPECT_EQ(query.code, "InvalidAction");
    EXPECT_EQ(query.message, "Could not find operation Nope for version 2011-06-15");
    const auto json_error =
        unknown_operation(*find_route(all_services(), {.scope_service = "organizations"}).service, {});
    EXPECT_EQ(json_error.code, "UnknownOperationException");
    EXPECT_EQ(json_error.http_status, 400);
}

TEST(Uri, Labels) {
    const auto labels = match_uri("/clusters/{name}/node-groups/{group}", "/clusters/a%2Fb/node-groups/g");
    ASSERT_TRUE(labels);
    EXPECT_EQ(labels->at(0).second, "a/b");
    EXPECT_EQ(labels->at(1).second, "g");
    for (const auto* path :
         {"/clusters//node-groups/g", "/clusters/a/node-groups", "/clusters/a/node-groups/g/",
          "/clusters/a/node-groups/%zz", "/clusters/a/node-groups/%ff", "clusters/a/node-groups/g", ""}) {
        EXPECT_FALSE(match_uri("/clusters/{name}/node-groups/{group}", path)) << path;
    }
    EXPECT_EQ(match_uri("/a/{rest+}", "/a/b/c%20d")->at(0).second, "b/c d");
    EXPECT_FALSE(match_uri("/a/{rest+}", "/a/"));
    for (const auto* path : {"/a/b", "/a", "/a/", "", "/b/b", "/a/b/c"}) {
        EXPECT_EQ(has_uri_form("/a/{x}", path), match_uri("/a/{x}", path).has_value()) << path;
    }
}

}  // namespace
}  // namespace sekisho::wire
