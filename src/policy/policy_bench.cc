// A decision as most requests need one: ViewOnlyAccess and an inline policy of the caller, SCPs on root, unit and
// account.
#include <benchmark/benchmark.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/json.h"
#include "policy/decide.h"

namespace sekisho::policy {
namespace {

class NoContext final : public Context {
 public:
    std::optional<ContextValues> find(std::string_view) const override { return {}; }
};

CompiledPolicy compiled(std::string_view text, Use use) {
    const auto document = parse(text, use);
    if (!document) std::abort();
    return CompiledPolicy(*document);
}

CompiledPolicy aws_managed(std::string_view name) {
    std::ifstream lines(SEKISHO_SOURCE_DIR "/models/aws/managed_policies.jsonl");
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(R"({"name":")" + std::string(name) + '"')) continue;
        const auto entry = parse_json(line);
        if (entry) return compiled(json::serialize(*find(*entry, "document")), Use::identity);
    }
    std::abort();
}

constexpr std::string_view inline_text = R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["eks:*","sts:AssumeRole"],"Resource":"*"},
    {"Effect":"Allow","Action":["iam:PassRole"],"Resource":"arn:aws:iam::*:role/eks-*"},
    {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::deploy-*/*"},
    {"Effect":"Allow","Action":["ssm:GetParameter*"],"Resource":"arn:aws:ssm:*:*:parameter/eks/*"},
    {"Effect":"Deny","Action":["iam:DeleteRole"],"Resource":"*"}]})";
constexpr std::string_view full_access =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr std::string_view guard_rail = R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"},
    {"Effect":"Deny","Action":["cloudtrail:Stop*","cloudtrail:DeleteTrail"],"Resource":"*"}]})";

void decide_action(benchmark::State& state, std::string_view action, std::string_view resource, Outcome expected) {
    static const CompiledPolicy view_only = aws_managed("ViewOnlyAccess");
    static const CompiledPolicy own = compiled(inline_text, Use::identity);
    static const CompiledPolicy full = compiled(full_access, Use::scp);
    static const CompiledPolicy guard = compiled(guard_rail, Use::scp);
    const std::array identity{NamedPolicy{"ViewOnlyAccess", &view_only}, NamedPolicy{"inline", &own}};
    const std::array root{NamedPolicy{"FullAWSAccess", &full}, NamedPolicy{"guard", &guard}};
    const std::array account{NamedPolicy{"FullAWSAccess", &full}};
    const std::array levels{Level{"r-1", root}, Level{"ou-1", account}, Level{"111122223333", account}};
    const NoContext context;
    const Request request{.principal = {.kind = PrincipalKind::role,
                                        .arn = "arn:aws:sts::111122223333:assumed-role/Viewer/alice",
                                        .account = "111122223333",
                                        .issuer = "arn:aws:iam::111122223333:role/Viewer",
                                        .unique_id = "AROAQAAAAAAAGMKEM7X5A"},
                          .action = action,
                          .resource = resource,
                          .context = context};
    Layers layers;
    layers.identity = identity;
    layers.scp = levels;
    for (auto _ : state) {
        const auto decision = decide(request, layers);
        if (decision.outcome != expected) std::abort();
        benchmark::DoNotOptimize(decision);
    }
}

constexpr auto allowed = Outcome::allowed;
BENCHMARK_CAPTURE(decide_action, describe_instances, "ec2:DescribeInstances", "*", allowed);
BENCHMARK_CAPTURE(decide_action, list_buckets, "s3:ListAllMyBuckets", "*", allowed);
BENCHMARK_CAPTURE(decide_action, describe_cluster, "eks:DescribeCluster",
                  "arn:aws:eks:us-east-1:111122223333:cluster/fabulous-wardrobe", allowed);
BENCHMARK_CAPTURE(decide_action, list_roles, "iam:ListRoles", "arn:aws:iam::111122223333:role/", allowed);
BENCHMARK_CAPTURE(decide_action, describe_stacks, "cloudformation:DescribeStacks", "*", allowed);
BENCHMARK_CAPTURE(decide_action, get_parameter, "ssm:GetParametersByPath",
                  "arn:aws:ssm:us-east-1:111122223333:parameter/eks/x", allowed);
BENCHMARK_CAPTURE(decide_action, terminate_instances, "ec2:TerminateInstances",
                  "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0", Outcome::implicitly_denied);
BENCHMARK_CAPTURE(decide_action, delete_role, "iam:DeleteRole", "arn:aws:iam::111122223333:role/x",
                  Outcome::explicitly_denied);
BENCHMARK_CAPTURE(decide_action, leave_organization, "organizations:LeaveOrganization", "*",
                  Outcome::explicitly_denied);

}  // namespace
}  // namespace sekisho::policy
