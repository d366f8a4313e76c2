#pragma once
// Which Kubernetes user an AWS identity is, by the aws-auth ConfigMap. Pure: values in, values out.
// Rules: kubernetes-sigs/aws-iam-authenticator v0.7.18 (pkg/mapper/configmap, pkg/arn, pkg/config) and the EKS user
// guide, "Grant IAM users access to Kubernetes with a ConfigMap". Where upstream is random or broken (duplicates
// differing in case, SSO partition, recursive templates) the behaviour here is fixed and said below.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::kube {

// An authenticated AWS principal as GetCallerIdentity describes it, and what we know besides.
struct AwsIdentity {
    std::string account_id;
    std::string arn;      // arn:aws:sts::111122223333:assumed-role/Name/session, arn:aws:iam::..:user/path/name
    std::string user_id;  // AROA..:session, AIDA.., the account id of a root user
    std::string access_key_id;
    std::string role_arn;  // an assumed role's own ARN with its path, when known; mappings may name it so too
    std::string source_identity;
    std::string person_id;  // identity store user id behind a single sign-on session, else empty

    std::string canonical_arn;  // set by identify()
    std::string principal_id;   // user_id before the ':', set by identify()
    std::string session_name;   // user_id after the ':', set by identify()
};

// Fills canonical_arn, principal_id and session_name. Error: an ARN or user id that upstream refuses
// (`unrecognized resource ...`, `malformed UserID "..."`).
Result<AwsIdentity> identify(AwsIdentity identity);

// arn:aws:sts::A:assumed-role/X/session -> arn:aws:iam::A:role/X; users, roles, root, federated users unchanged.
Result<std::string> canonical_arn(std::string_view arn);
// role/path/Name -> role/Name; other ARNs unchanged.
std::string strip_role_path(std::string_view arn);

struct SsoMatcher {
    std::string permission_set_name;
    std::string account_id;
    std::string partition = "aws";
};

struct RoleMapping {
    std::string role_arn;  // canonical; empty when `sso` is given
    std::optional<SsoMatcher> sso;
    std::string username;
    std::vector<std::string> groups;
};
struct UserMapping {
    std::string user_arn;
    std::string username;
    std::vector<std::string> groups;
};
struct IdentityMapping {
    std::vector<RoleMapping> roles;
    std::vector<UserMapping> users;
    std::vector<std::string> accounts;
};

struct ParsedMapping {
    IdentityMapping mapping;
    std::vector<std::string> problems;    // for the log and the user: what was skipped, and why
    std::vector<std::string> unreadable;  // keys of which nothing could be taken
};

// The ConfigMap's `data`. Never fails as a whole: a bad entry is skipped, a key with a YAML error is dropped, each with
// a line in `problems`. Keys of entries ignore case; `mapRoles`, `mapUsers`, `mapAccounts` do not.
ParsedMapping parse_aws_auth(const std::map<std::string, std::string>& data);

struct KubernetesUser {
    std::string username;
    std::vector<std::string> groups;
};

// i-0123... -> ip-10-0-1-2.us-east-1.compute.internal, for {{EC2PrivateDNSName}}.
using PrivateDnsName = std::function<Result<std::string>(std::string_view instance_id)>;

// The identity that made the cluster: always system:masters (EKS: bootstrapClusterCreatorAdminPermissions), whatever
// the ConfigMap says. `arn` is canonical.
struct CreatorMapping {
    std::string arn;
    std::string username = "kubernetes-admin";
};

// Creator, then roles, users, accounts. In one list the last entry that matches wins whole; an exact role ARN beats an
// SSO pattern. ARNs are compared without case, a role's ARN with its path is accepted too. Error: AccessDenied with a
// text for our log; an empty rendered username counts as not mapped.
Result<KubernetesUser> map_identity(const AwsIdentity& identity, const IdentityMapping& mapping,
                                    const std::optional<CreatorMapping>& creator,
                                    const PrivateDnsName& private_dns_name);

// One pass over `text`: {{EC2PrivateDNSName}}, {{AccountID}}, {{SessionName}} ('@' becomes '-'), {{SessionNameRaw}},
// {{AccessKeyID}}. What a value contains is not expanded again; unknown {{names}} stay.
Result<std::string> render_template(std::string_view text, const AwsIdentity& identity,
                                    const PrivateDnsName& private_dns_name);

}  // namespace sekisho::kube
