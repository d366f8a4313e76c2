// The portal at its largest: 1,000 accounts with five roles each; and what is made of it for a person's own computer.
#include <fmt/format.h>

#include <ctime>
#include <set>

#include "domain/applications.h"
#include "domain/cluster_access.h"
#include "domain/permission_sets.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

void register_hooks(operation::Registry& registry) {
    register_server_operations(registry, {.certificate_authority = [](std::string_view) {
                                   return Result<ServerHooks::Authority>({.certificate_pem = "PEM"});
                               }});
}

class PortalListing : public People {
 protected:
    static constexpr int sets_count = 5;

    PortalListing() : People({register_operations, register_hooks}) {
        for (int i = 0; i < sets_count; ++i) {
            domain::PermissionSet set;
            set.arn = PermissionSetArn("arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-000000000000000" +
                                       std::to_string(i));
            set.instance_arn = center.instance_arn;
            set.name = i == 0 ? "EKSClusterAdminAccess" : "Access" + std::to_string(i);
            write([&](store::Transaction& tx) { return domain::permission_sets.put(tx, set); });
            sets.push_back(std::move(set));
        }
        set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
        give_password();
        me = signed_in(enter("eksadmin", good_password)->session_token.value_or(""));
    }
    static AccountId account_id(int number) { return AccountId(fmt::format("{:012}", 100000000000 + number)); }
    static PrincipalId role_id(int account, int set) {
        return PrincipalId(fmt::format("AROA{:09}{:08}", account, set));
    }
    void add_account(int number, const std::string& name) {
        domain::Account account;
        account.id = account_id(number);
        account.name = name;
        account.email = fmt::format("account{}@example.com", number);
        account.organization_id = center.organization_id;
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::accounts.put(tx, account));
            for (int i = 0; i < sets_count; ++i) {
                SEK_TRY(domain::assignments.put(tx, {.instance_arn = center.instance_arn,
                                                     .account_id = account.id,
                                                     .permission_set_arn = sets[i].arn,
                                                     .assignee_kind = domain::AssigneeKind::user,
                                                     .assignee_id = person.id.str()}));
                SEK_TRY(domain::provisioned_roles.put(
                    tx, {.instance_arn = center.instance_arn,
                         .account_id = account.id,
                         .permission_set_arn = sets[i].arn,
                         .role_name = fmt::format("AWSReservedSSO_{}_{:016x}", sets[i].name, number),
                         .role_id = role_id(number, i)}));
            }
            return {};
        });
    }
    Result<control::ListPortalAccountsResponse> list(std::int32_t count, const std::string& filter = {},
                                                     std::optional<std::string> page_token = {}) {
        control::ListPortalAccountsRequest request{.max_results = count};
        if (!filter.empty()) request.filter = filter;
        request.next_token = std::move(page_token);
        return page<control::ListPortalAccounts>(std::move(request), me);
    }
    domain::Cluster add_cluster(int account, const std::string& name, const std::string& mode) {
        domain::Cluster cluster{.account_id = account_id(account), .region = Region("eu-west-1"), .name = name};
        cluster.arn = "arn:aws:eks:eu-west-1:" + cluster.account_id.str() + ":cluster/" + name;
        cluster.id = "id-of-" + name;
        cluster.status = "ACTIVE";
        cluster.endpoint = "https://127.0.0.1:6443";
        cluster.certificate_authority = "-----BEGIN CERTIFICATE-----\n";
        cluster.authentication_mode = mode;
        write([&](store::Transaction& tx) { return domain::clusters.put(tx, cluster); });
        return cluster;
    }

    std::vector<domain::PermissionSet> sets;
    access::Caller me;
};

TEST_F(PortalListing, FiveThousandRolesAreListedIn50Milliseconds) {
    for (int i = 0; i < 1000; ++i) add_account(i, fmt::format("Team {:03}", i));
    const auto all = list(1000);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->accounts.size(), 1000);
    EXPECT_EQ(all->role_count, 5000);
    EXPECT_FALSE(all->next_token);
    // Of this process, in which nothing else runs: other programs on the machine do not count. The best of several.
    double best = 1;
    for (int i = 0; i < 10; ++i) {
        const auto before = std::clock();
        ASSERT_TRUE(list(1000));
        best = std::min(best, static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
    }
    RecordProperty("milliseconds", static_cast<int>(best * 1000));
    EXPECT_LT(best, 0.050);
    const auto setup = page<control::GetPortalSetup>({}, me);
    ASSERT_TRUE(setup) << setup.error().message;
    EXPECT_EQ(setup->profile_count, 5000);
    const auto found = list(100, "team 777");
    ASSERT_EQ(found->accounts.size(), 1);
    EXPECT_EQ(found->accounts[0].roles.size(), 5);
}

TEST_F(PortalListing, PagesHoldEachAccountOnce) {
    for (int i = 0; i < 7; ++i) add_account(i, "Team " + std::to_string(i));
    std::vector<std::string> seen;
    std::optional<std::string> next;
    do {
        const auto part = list(3, "", next);
        ASSERT_TRUE(part);
        EXPECT_EQ(part->account_count, 7);
        for (const auto& account : part->accounts) seen.push_back(account.account_id);
        next = part->next_token;
    } while (next);
    EXPECT_EQ(seen.size(), 7);
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 7);
    // A page belongs to its filter.
    EXPECT_FALSE(list(3, "other", list(3)->next_token));
}

TEST_F(PortalListing, TheSearchFindsAccountsByAnythingAndRolesByName) {
    add_account(1, "Production");
    add_account(2, "ＳＡＮＤＢＯＸ");
    EXPECT_EQ(list(10, " prod ")->accounts.size(), 1);
    EXPECT_EQ(list(10, "sandbox")->accounts.size(), 1);  // full width
    EXPECT_EQ(list(10, "100000000002")->accounts.size(), 1);
    EXPECT_EQ(list(10, "ACCOUNT1@")->accounts.size(), 1);
    const auto by_role = list(10, "eksCluster");
    ASSERT_EQ(by_role->accounts.size(), 2);
    EXPECT_THAT(by_role->accounts[0].roles, SizeIs(1));
    EXPECT_EQ(list(10, "nothing of that name")->account_count, 0);
}

TEST_F(PortalListing, ARoleThatIsNotProvisionedIsNotShown) {
    add_account(1, "Production");
    write([&](store::Transaction& tx) -> Result<void> {
        for (const auto& set : sets) SEK_TRY(domain::provisioned_roles.erase(tx, account_id(1), set.arn));
        return {};
    });
    EXPECT_TRUE(list(10)->accounts.empty());
}

TEST_F(PortalListing, TheSetupNamesEveryProfileAndTheClustersThatKnowARole) {
    add_account(1, "EKS Account/1; rm -rf");
    add_account(2, "EKS Account/1; rm -rf");
    const auto mapped = add_cluster(1, "mapped", "CONFIG_MAP");
    const auto entered = add_cluster(1, "entered", "API");
    add_cluster(1, "closed", "API");
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::identity_mappings.put(
            tx, {.cluster_id = mapped.id,
                 .map_roles = "- rolearn: arn:aws:iam::100000000001:role/AWSReservedSSO_EKSClusterAdminAccess_"
                              "0000000000000001\n"}));
        return domain::access_entries.put(
            tx, domain::make_access_entry(entered, "arn:aws:iam::100000000001:role/x", role_id(1, 2), "STANDARD",
                                          "entry", house.clock().now()));
    });
    const auto setup = page<control::GetPortalSetup>({}, me);
    ASSERT_TRUE(setup) << setup.error().message;
    EXPECT_EQ(setup->profile_count, 10);
    EXPECT_EQ(setup->cluster_count, 2);
    const auto& config = setup->aws_config;
    // A name of an account is text, whatever it holds; two of the same name stay apart.
    EXPECT_THAT(config, HasSubstr("\n[profile EKSClusterAdminAccess-EKS-Account-1-rm--rf]\n"));
    EXPECT_THAT(config, HasSubstr("\n[profile EKSClusterAdminAccess-EKS-Account-1-rm--rf-100000000002]\n"));
    EXPECT_THAT(config, HasSubstr("\nca_bundle = ~/.aws/sekisho-ca.pem\n"));
    EXPECT_THAT(config, Not(HasSubstr(";")));
    EXPECT_EQ(setup->certificate_authority_pem, "PEM");
    const auto& kubeconfig = *setup->kubeconfig;
    EXPECT_THAT(kubeconfig, HasSubstr("name: \"mapped/EKSClusterAdminAccess-EKS-Account-1-rm--rf\""));
    EXPECT_THAT(kubeconfig, HasSubstr("name: \"entered/Access2-EKS-Account-1-rm--rf\""));
    EXPECT_THAT(kubeconfig, HasSubstr("args: [--region, \"eu-west-1\", eks, get-token, --cluster-name, \"mapped\""));
    EXPECT_THAT(kubeconfig, Not(HasSubstr("closed")));
}

TEST_F(PortalListing, ApplicationsThatOneMaySignInTo) {
    const auto add = [&](const std::string& name, bool visible, bool assigned, bool required) {
        domain::Application application;
        application.arn = "arn:aws:sso::111122223333:application/ssoins-1111222233334444/apl-" + name;
        application.instance_arn = center.instance_arn;
        application.name = name;
        application.visible = visible;
        application.url = "https://" + name + ".example.com/";
        application.assignment_required = required;
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::applications.put(tx, application));
            if (!assigned) return {};
            return domain::application_assignments.put(
                tx, {.application_arn = application.arn, .assignee_id = person.id.str()});
        });
    };
    add("wiki", true, true, true);
    add("hidden", false, true, true);
    add("others", true, false, true);
    add("anybody", true, false, false);
    const auto listed = page<control::ListPortalApplications>({}, me);
    ASSERT_TRUE(listed) << listed.error().message;
    std::vector<std::string> names;
    for (const auto& application : listed->applications) names.push_back(application.display_name);
    EXPECT_THAT(names, ElementsAre("anybody", "wiki"));
}

}  // namespace
}  // namespace sekisho::control_service
