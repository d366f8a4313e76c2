#include "policy/decide.h"

#include <gtest/gtest.h>

#include <new>

#include "policy/testing.h"

namespace {
thread_local std::size_t allocations = 0;
}

// Counted, so that a test can show that a decision allocates nothing.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace sekisho::policy {
namespace {

using testing::compiled;
using testing::in_document;
using testing::TestContext;

constexpr std::string_view account = "111111111111", other_account = "222222222222";

constexpr Principal user{.kind = PrincipalKind::user,
                         .arn = "arn:aws:iam::111111111111:user/ann",
                         .account = account,
                         .issuer = {},
                         .unique_id = {}};
constexpr Principal session{.kind = PrincipalKind::role,
                            .arn = "arn:aws:sts::111111111111:assumed-role/reader/s1",
                            .account = account,
                            .issuer = "arn:aws:iam::111111111111:role/reader",
                            .unique_id = {}};
constexpr Principal federated_user{.kind = PrincipalKind::federated_user,
                                   .arn = "arn:aws:sts::111111111111:federated-user/f",
                                   .account = account,
                                   .issuer = "arn:aws:iam::111111111111:user/ann",
                                   .unique_id = {}};
constexpr Principal root{.kind = PrincipalKind::root,
                         .arn = "arn:aws:iam::111111111111:root",
                         .account = account,
                         .issuer = {},
                         .unique_id = {}};
constexpr Principal service{
    .kind = PrincipalKind::service, .arn = "ec2.amazonaws.com", .account = {}, .issuer = {}, .unique_id = {}};

const std::string allow_all = in_document(R"({"Effect":"Allow","Action":"*","Resource":"*"})");
const std::string deny_all = in_document(R"({"Effect":"Deny","Action":"*","Resource":"*"})");
const std::string other = in_document(R"({"Effect":"Allow","Action":"ec2:*","Resource":"*"})");

std::string for_principal(std::string_view principal, std::string_view effect = "Allow") {
    return in_document(R"({"Effect":")" + std::string(effect) + R"(","Action":"*","Principal":)" +
                       std::string(principal) + "}");
}

std::string trust_policy(std::string_view principal) {
    return in_document(R"({"Effect":"Allow","Action":"sts:*","Principal":)" + std::string(principal) + "}");
}

// A request for s3:GetObject on a resource of the same account, and what applies to it.
struct Scene {
    Principal principal = user;
    std::string_view resource_account = account;
    std::vector<std::string> identity;
    std::optional<std::vector<std::string>> boundary;
    std::optional<std::vector<std::string>> session_policies;
    std::vector<std::vector<std::string>> scp;
    std::vector<std::vector<std::string>> rcp;
    std::optional<std::string> resource_policy;
    bool is_trust = false;
    TestContext context;

    Decision decide(bool explain = false) const {
        std::deque<CompiledPolicy> kept;
        std::deque<std::vector<NamedPolicy>> lists;
        const auto compile = [&](const std::vector<std::string>& texts, Use use, std::string_view name) {
            auto& list = lists.emplace_back();
            for (const auto& text : texts) list.push_back({name, &kept.emplace_back(compiled(text, use))});
            return std::span<const NamedPolicy>(list);
        };
        Layers layers;
        layers.identity = compile(identity, Use::identity, "identity policy");
        if (boundary) layers.boundary = compile(*boundary, Use::boundary, "boundary policy");
        if (session_policies) layers.session = compile(*session_policies, Use::session, "session policy");
        std::vector<Level> scp_levels, rcp_levels;
        for (const auto& level : scp) scp_levels.push_back({"level", compile(level, Use::scp, "scp policy")});
        for (const auto& level : rcp) rcp_levels.push_back({"level", compile(level, Use::rcp, "rcp policy")});
        layers.scp = scp_levels;
        layers.rcp = rcp_levels;
        if (resource_policy) {
            layers.resource_policy =
                compile({*resource_policy}, is_trust ? Use::trust : Use::resource, "resource policy").front();
        }
        layers.resource_policy_is_trust = is_trust;
        const Request request{
            .principal = principal,
            .action = is_trust ? "sts:AssumeRole" : "s3:GetObject",
            .resource = is_trust ? "arn:aws:iam::111111111111:role/target" : "arn:aws:s3:::bucket/key",
            .resource_account = resource_account,
            .context = context};
        return policy::decide(request, layers, explain);
    }
};

// "allowed by identity", "explicitly denied by scp", "implicitly denied by boundary".
std::string told(const Scene& scene) {
    const auto decision = scene.decide();
    const auto explained = scene.decide(true);
    EXPECT_EQ(decision.outcome, explained.outcome);
    EXPECT_EQ(decision.layer, explained.layer);
    EXPECT_TRUE(decision.reasons.empty());
    EXPECT_FALSE(explained.reasons.empty());
    const std::string_view layer = decision.layer == Layer::trust ? "trust" : layer_name(decision.layer);
    return std::string(outcome_name(decision.outcome)) + " by " + std::string(layer);
}

TEST(Decide, NothingIsAllowedWithoutAnAllow) {
    EXPECT_EQ(told({}), "ImplicitlyDenied by identity");
    EXPECT_EQ(told({.identity = {other}}), "ImplicitlyDenied by identity");
    EXPECT_EQ(told({.identity = {other, allow_all}}), "Allowed by identity");
    EXPECT_EQ(told({.identity = {allow_all, deny_all}}), "ExplicitlyDenied by identity");
}

// "An explicit deny in any of these policies overrides the allow."
TEST(Decide, AnExplicitDenyAnywhereWins) {
    const std::string rcp_allow =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";
    const std::string rcp_deny =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]})";
    const Scene open{.identity = {allow_all},
                     .boundary = {{allow_all}},
                     .session_policies = {{allow_all}},
                     .scp = {{allow_all}, {allow_all}},
                     .rcp = {{rcp_allow}},
                     .resource_policy = for_principal("\"*\"")};
    EXPECT_EQ(told(open), "Allowed by identity");
    auto scene = open;
    scene.identity.push_back(deny_all);
    EXPECT_EQ(told(scene), "ExplicitlyDenied by identity");
    scene = open;
    scene.boundary->push_back(deny_all);
    EXPECT_EQ(told(scene), "ExplicitlyDenied by boundary");
    scene = open;
    scene.session_policies->push_back(deny_all);
    EXPECT_EQ(told(scene), "ExplicitlyDenied by session");
    for (std::size_t level : {0u, 1u}) {
        scene = open;
        scene.scp[level].push_back(deny_all);
        EXPECT_EQ(told(scene), "ExplicitlyDenied by scp");
    }
    scene = open;
    scene.rcp[0].push_back(rcp_deny);
    EXPECT_EQ(told(scene), "ExplicitlyDenied by rcp");
    scene = open;
    scene.resource_policy = for_principal("\"*\"", "Deny");
    EXPECT_EQ(told(scene), "ExplicitlyDenied by resourcePolicy");
    // Also one that speaks of the whole account.
    scene.resource_policy = for_principal(R"({"AWS":"111111111111"})", "Deny");
    EXPECT_EQ(told(scene), "ExplicitlyDenied by resourcePolicy");
    scene.resource_policy = for_principal(R"({"AWS":"222222222222"})", "Deny");
    EXPECT_EQ(told(scene), "Allowed by identity");
}

// Organizations user guide, "SCP evaluation": "there must be an explicit Allow statement at every level from the root
// through each OU in the direct path to the account (including the target account itself)".
TEST(Decide, EveryLevelOfControlPoliciesMustAllow) {
    EXPECT_EQ(told({.identity = {allow_all}, .scp = {{allow_all}, {other, allow_all}}}), "Allowed by identity");
    EXPECT_EQ(told({.identity = {allow_all}, .scp = {{allow_all}, {other}}}), "ImplicitlyDenied by scp");
    EXPECT_EQ(told({.identity = {allow_all}, .scp = {{other}, {allow_all}}}), "ImplicitlyDenied by scp");
    EXPECT_EQ(told({.identity = {allow_all}, .scp = {{allow_all}, {}}}), "ImplicitlyDenied by scp");
    EXPECT_EQ(told({.identity = {}, .scp = {{allow_all}}}), "ImplicitlyDenied by identity");
    const std::string rcp_other =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}]})";
    EXPECT_EQ(told({.identity = {allow_all}, .rcp = {{rcp_other}}}), "ImplicitlyDenied by rcp");
    // They limit the grants of resource policies too, and the root user.
    EXPECT_EQ(told({.scp = {{other}}, .resource_policy = for_principal("\"*\"")}), "ImplicitlyDenied by scp");
    EXPECT_EQ(told({.principal = root, .scp = {{other}}}), "ImplicitlyDenied by scp");
}

TEST(Decide, BoundaryAndSessionIntersectWithIdentity) {
    EXPECT_EQ(told({.identity = {allow_all}, .boundary = {{allow_all}}}), "Allowed by identity");
    EXPECT_EQ(told({.identity = {allow_all}, .boundary = {{other}}}), "ImplicitlyDenied by boundary");
    EXPECT_EQ(told({.boundary = {{allow_all}}}), "ImplicitlyDenied by identity");
    EXPECT_EQ(told({.principal = session, .identity = {allow_all}, .session_policies = {{allow_all}}}),
              "Allowed by identity");
    EXPECT_EQ(told({.principal = session, .identity = {allow_all}, .session_policies = {{other}}}),
              "ImplicitlyDenied by session");
    EXPECT_EQ(told({.principal = session, .session_policies = {{allow_all}}}), "ImplicitlyDenied by identity");
    EXPECT_EQ(
        told({.principal = session, .identity = {allow_all}, .boundary = {{other}}, .session_policies = {{allow_all}}}),
        "ImplicitlyDenied by boundary");
}

// IAM user guide, "Policy evaluation for requests within a single account": the table of resource-based policies
// against implicit denies in other policy types.
TEST(Decide, SameAccountResourcePolicies) {
    struct Row {
        Principal principal;
        const char* named;
        const char* alone;           // nothing else attached
        const char* under_boundary;  // with a boundary that does not allow
        const char* under_session;   // with a session policy that does not allow
    };
    const Row rows[] = {
        {user, R"({"AWS":"arn:aws:iam::111111111111:user/ann"})", "Allowed by resourcePolicy",
         "Allowed by resourcePolicy", "Allowed by resourcePolicy"},
        {session, R"({"AWS":"arn:aws:sts::111111111111:assumed-role/reader/s1"})", "Allowed by resourcePolicy",
         "Allowed by resourcePolicy", "Allowed by resourcePolicy"},
        {session, R"({"AWS":"arn:aws:iam::111111111111:role/reader"})", "Allowed by resourcePolicy",
         "ImplicitlyDenied by boundary", "ImplicitlyDenied by session"},
        {federated_user, R"({"AWS":"arn:aws:sts::111111111111:federated-user/f"})", "Allowed by resourcePolicy",
         "Allowed by resourcePolicy", "Allowed by resourcePolicy"},
        {federated_user, R"({"AWS":"arn:aws:iam::111111111111:user/ann"})", "Allowed by resourcePolicy",
         "ImplicitlyDenied by boundary", "ImplicitlyDenied by session"},
        {user, "\"*\"", "Allowed by resourcePolicy", "Allowed by resourcePolicy", "Allowed by resourcePolicy"},
        {session, "\"*\"", "Allowed by resourcePolicy", "Allowed by resourcePolicy", "Allowed by resourcePolicy"},
        // The account's name delegates to its identity policies, it grants nothing itself.
        {user, R"({"AWS":"111111111111"})", "ImplicitlyDenied by identity", "ImplicitlyDenied by identity",
         "ImplicitlyDenied by identity"},
        {session, R"({"AWS":"arn:aws:iam::111111111111:root"})", "ImplicitlyDenied by identity",
         "ImplicitlyDenied by identity", "ImplicitlyDenied by identity"},
        {user, R"({"AWS":"arn:aws:iam::111111111111:user/bob"})", "ImplicitlyDenied by identity",
         "ImplicitlyDenied by identity", "ImplicitlyDenied by identity"},
    };
    for (const auto& row : rows) {
        const Scene scene{.principal = row.principal, .resource_policy = for_principal(row.named)};
        EXPECT_EQ(told(scene), row.alone) << row.named;
        auto limited = scene;
        limited.boundary = {{other}};
        EXPECT_EQ(told(limited), row.under_boundary) << row.named;
        limited.boundary->push_back(deny_all);
        EXPECT_EQ(told(limited), "ExplicitlyDenied by boundary") << row.named;
        limited = scene;
        limited.session_policies = {{other}};
        EXPECT_EQ(told(limited), row.under_session) << row.named;
    }
    EXPECT_EQ(told({.identity = {allow_all}, .resource_policy = for_principal(R"({"AWS":"222222222222"})")}),
              "Allowed by identity");
}

// "Cross-account policy evaluation logic": both the resource's and the principal's account must allow.
TEST(Decide, CrossAccountNeedsBothSides) {
    for (const char* named :
         {R"({"AWS":"111111111111"})", R"({"AWS":"arn:aws:iam::111111111111:user/ann"})", "\"*\""}) {
        Scene scene{.resource_account = other_account, .resource_policy = for_principal(named)};
        EXPECT_EQ(told(scene), "ImplicitlyDenied by identity") << named;
        scene.identity = {allow_all};
        EXPECT_EQ(told(scene), "Allowed by identity") << named;
        scene.boundary = {{other}};
        EXPECT_EQ(told(scene), "ImplicitlyDenied by boundary") << named;
    }
    EXPECT_EQ(told({.resource_account = other_account, .identity = {allow_all}}), "ImplicitlyDenied by resourcePolicy");
    EXPECT_EQ(told({.resource_account = other_account,
                    .identity = {allow_all},
                    .resource_policy = for_principal(R"({"AWS":"222222222222"})")}),
              "ImplicitlyDenied by resourcePolicy");
    const Scene by_session{.principal = session,
                           .resource_account = other_account,
                           .identity = {allow_all},
                           .session_policies = {{other}},
                           .resource_policy = for_principal(R"({"AWS":"111111111111"})")};
    EXPECT_EQ(told(by_session), "ImplicitlyDenied by session");
}

TEST(Decide, TrustPoliciesMustAllow) {
    const auto trust = [](const Principal& principal, std::string_view named, std::vector<std::string> identity,
                          std::string_view resource_account = account) {
        return told({.principal = principal,
                     .resource_account = resource_account,
                     .identity = std::move(identity),
                     .resource_policy = trust_policy(named),
                     .is_trust = true});
    };
    const char* const by_account = R"({"AWS":"111111111111"})";
    const char* const by_user = R"({"AWS":"arn:aws:iam::111111111111:user/ann"})";
    const char* const by_role = R"({"AWS":"arn:aws:iam::111111111111:role/reader"})";
    const char* const by_stranger = R"({"AWS":"arn:aws:iam::111111111111:user/bob"})";
    EXPECT_EQ(trust(user, by_user, {}), "Allowed by trust");
    EXPECT_EQ(trust(session, by_role, {}), "Allowed by trust");
    EXPECT_EQ(trust(user, by_account, {}), "ImplicitlyDenied by identity");
    EXPECT_EQ(trust(user, by_account, {allow_all}), "Allowed by identity");
    EXPECT_EQ(trust(user, by_stranger, {allow_all}), "ImplicitlyDenied by trust");
    EXPECT_EQ(trust(session, by_user, {allow_all}), "ImplicitlyDenied by trust");
    EXPECT_EQ(trust(user, by_user, {}, other_account), "ImplicitlyDenied by identity");
    EXPECT_EQ(trust(user, by_user, {allow_all}, other_account), "Allowed by identity");
    EXPECT_EQ(trust(service, R"({"Service":"ec2.amazonaws.com"})", {}), "Allowed by trust");
    EXPECT_EQ(trust(service, R"({"Service":"lambda.amazonaws.com"})", {}), "ImplicitlyDenied by trust");
    EXPECT_EQ(told({.identity = {allow_all}, .is_trust = true}), "ImplicitlyDenied by trust");
}

// "By default, all requests are implicitly denied with the exception of the root user, which has full access."
TEST(Decide, TheRootUserHasFullAccessToItsAccount) {
    EXPECT_EQ(told({.principal = root}), "Allowed by identity");
    EXPECT_EQ(told({.principal = root, .resource_policy = for_principal("\"*\"", "Deny")}),
              "ExplicitlyDenied by resourcePolicy");
    EXPECT_EQ(told({.principal = root, .scp = {{allow_all, deny_all}}}), "ExplicitlyDenied by scp");
    EXPECT_EQ(told({.principal = root, .resource_account = other_account}), "ImplicitlyDenied by resourcePolicy");
    EXPECT_TRUE(Scene({.principal = root,
                       .resource_account = other_account,
                       .resource_policy = for_principal(R"({"AWS":"111111111111"})")})
                    .decide()
                    .allowed());
}

TEST(Decide, ServicesAndStrangersHaveOnlyTheResourcePolicy) {
    const Principal anonymous{};
    EXPECT_EQ(told({.principal = anonymous}), "ImplicitlyDenied by resourcePolicy");
    EXPECT_EQ(told({.principal = anonymous, .identity = {allow_all}}), "ImplicitlyDenied by resourcePolicy");
    EXPECT_EQ(told({.principal = anonymous, .resource_policy = for_principal("\"*\"")}), "Allowed by resourcePolicy");
    EXPECT_EQ(told({.principal = anonymous, .resource_policy = for_principal(R"({"AWS":"111111111111"})")}),
              "ImplicitlyDenied by resourcePolicy");
    EXPECT_EQ(told({.principal = service, .resource_policy = for_principal(R"({"Service":"ec2.amazonaws.com"})")}),
              "Allowed by resourcePolicy");
    const Principal provider{.kind = PrincipalKind::federated,
                             .arn = "arn:aws:iam::111111111111:saml-provider/idp",
                             .account = {},
                             .issuer = {},
                             .unique_id = {}};
    EXPECT_EQ(told({.principal = provider,
                    .resource_policy = trust_policy(R"({"Federated":"arn:aws:iam::111111111111:saml-provider/idp"})"),
                    .is_trust = true}),
              "Allowed by trust");
}

TEST(Decide, NotPrincipal) {
    const auto with = [](std::string_view effect, std::string_view principals) {
        return in_document(R"({"Effect":")" + std::string(effect) + R"(","Action":"*","NotPrincipal":)" +
                           std::string(principals) + "}");
    };
    const char* const ann = R"({"AWS":"arn:aws:iam::111111111111:user/ann"})";
    const char* const bob = R"({"AWS":"arn:aws:iam::111111111111:user/bob"})";
    EXPECT_EQ(told({.identity = {allow_all}, .resource_policy = with("Deny", ann)}), "Allowed by identity");
    EXPECT_EQ(told({.identity = {allow_all}, .resource_policy = with("Deny", bob)}),
              "ExplicitlyDenied by resourcePolicy");
    // The user guide's example names a user and the user's account: all others are denied, those of the account too.
    for (const char* account_too :
         {R"({"AWS":"111111111111"})",
          R"({"AWS":["arn:aws:iam::111111111111:user/bob","arn:aws:iam::111111111111:root"]})"}) {
        EXPECT_EQ(told({.identity = {allow_all}, .resource_policy = with("Deny", account_too)}),
                  "ExplicitlyDenied by resourcePolicy");
    }
    EXPECT_EQ(
        told({.identity = {allow_all},
              .resource_policy = with("Deny", R"({"AWS":["111111111111","arn:aws:iam::111111111111:user/ann"]})")}),
        "Allowed by identity");
    EXPECT_EQ(told({.principal = root, .resource_policy = with("Deny", R"({"AWS":"111111111111"})")}),
              "Allowed by identity");
    EXPECT_EQ(told({.resource_policy = with("Allow", bob)}), "Allowed by resourcePolicy");
    EXPECT_EQ(told({.resource_policy = with("Allow", ann)}), "ImplicitlyDenied by identity");
    // "[It] will always deny any IAM principal that has a permissions boundary policy attached."
    EXPECT_EQ(told({.identity = {allow_all}, .boundary = {{allow_all}}, .resource_policy = with("Deny", ann)}),
              "ExplicitlyDenied by resourcePolicy");
}

TEST(Decide, NotActionAndNotResource) {
    EXPECT_EQ(told({.identity = {in_document(R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})")}}),
              "Allowed by identity");
    EXPECT_EQ(told({.identity = {in_document(R"({"Effect":"Allow","NotAction":["iam:*","S3:get*"],"Resource":"*"})")}}),
              "ImplicitlyDenied by identity");
    EXPECT_EQ(told({.identity = {in_document(R"({"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::a/*"})")}}),
              "Allowed by identity");
    EXPECT_EQ(told({.identity = {in_document(R"({"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b*"})")}}),
              "ImplicitlyDenied by identity");
}

// A variable without a value makes its statement not match, whether it allows or denies.
TEST(Decide, UnresolvedVariables) {
    for (const char* element : {"Resource", "NotResource"}) {
        const std::string tail = R"("Action":"*",")" + std::string(element) + R"(":"arn:aws:s3:::${aws:userid}/*"})";
        EXPECT_EQ(told({.identity = {in_document(R"({"Effect":"Allow",)" + tail)}}), "ImplicitlyDenied by identity");
        EXPECT_EQ(told({.identity = {allow_all, in_document(R"({"Effect":"Deny",)" + tail)}}), "Allowed by identity");
    }
    const std::string home =
        in_document(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}/*"})");
    EXPECT_EQ(told({.identity = {home}, .context = TestContext::of({{"aws:username", {"bucket"}}})}),
              "Allowed by identity");
    EXPECT_EQ(told({.identity = {home}, .context = TestContext::of({{"aws:username", {"*"}}})}),
              "ImplicitlyDenied by identity");
}

TEST(Decide, ReasonsNameWhatDecided) {
    const std::string named = in_document(
        R"({"Effect":"Deny","Action":"ec2:*","Resource":"*"},
           {"Sid":"Mfa","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}})");
    Scene scene{.identity = {other, named}};
    auto decision = scene.decide(true);
    EXPECT_EQ(decision.outcome, Outcome::implicitly_denied);
    EXPECT_TRUE(decision.policy.empty());
    ASSERT_EQ(decision.reasons.size(), 1u);
    EXPECT_EQ(decision.reasons[0].statement, "Mfa");
    EXPECT_EQ(decision.reasons[0].key, "aws:multifactorauthpresent");
    auto with_mfa =
        Scene{.identity = {other, named}, .context = TestContext::of({{"aws:multifactorauthpresent", {"true"}}})};
    decision = with_mfa.decide(true);
    EXPECT_TRUE(decision.allowed());
    EXPECT_EQ(decision.policy, "identity policy");
    EXPECT_EQ(decision.statement, 1u);
    ASSERT_EQ(decision.reasons.size(), 1u);
    EXPECT_EQ(decision.reasons[0].layer, Layer::identity);
    EXPECT_EQ(decision.reasons[0].policy, "identity policy");
    EXPECT_EQ(decision.reasons[0].statement, "Mfa");
    scene.scp = {{deny_all}};
    decision = scene.decide(true);
    ASSERT_EQ(decision.reasons.size(), 1u);
    EXPECT_EQ(decision.reasons[0].layer, Layer::scp);
    EXPECT_EQ(decision.reasons[0].policy, "scp policy");
    EXPECT_EQ(decision.reasons[0].statement, "0");
}

// IAM user guide, "Troubleshoot access denied error messages".
TEST(Decide, DenialPhrases) {
    const auto phrase = [](Outcome outcome, Layer layer) {
        Decision decision;
        decision.outcome = outcome;
        decision.layer = layer;
        return denial_phrase(decision, "s3:GetObject");
    };
    EXPECT_EQ(phrase(Outcome::allowed, Layer::identity), "");
    constexpr auto implicit = Outcome::implicitly_denied, denied = Outcome::explicitly_denied;
    EXPECT_EQ(phrase(implicit, Layer::identity), "because no identity-based policy allows the s3:GetObject action");
    EXPECT_EQ(phrase(implicit, Layer::resource), "because no resource-based policy allows the s3:GetObject action");
    EXPECT_EQ(phrase(implicit, Layer::trust), "because no role trust policy allows the s3:GetObject action");
    EXPECT_EQ(phrase(implicit, Layer::scp), "because no service control policy allows the s3:GetObject action");
    EXPECT_EQ(phrase(implicit, Layer::boundary), "because no permissions boundary allows the s3:GetObject action");
    EXPECT_EQ(phrase(implicit, Layer::session), "because no session policy allows the s3:GetObject action");
    EXPECT_EQ(phrase(denied, Layer::identity), "with an explicit deny in an identity-based policy");
    EXPECT_EQ(phrase(denied, Layer::resource), "with an explicit deny in a resource-based policy");
    EXPECT_EQ(phrase(denied, Layer::trust), "with an explicit deny in the role trust policy");
    EXPECT_EQ(phrase(denied, Layer::scp), "with an explicit deny in a service control policy");
    EXPECT_EQ(phrase(denied, Layer::rcp), "with an explicit deny in a resource control policy");
    EXPECT_EQ(phrase(denied, Layer::boundary), "with an explicit deny in a permissions boundary");
    EXPECT_EQ(phrase(denied, Layer::session), "with an explicit deny in a sessions policy");
}

TEST(Decide, AllocatesNothingWithoutExplain) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        testing::Random random(seed);
        const auto context = random.context();
        std::vector<CompiledPolicy> policies;
        for (int i = 0; i < 4; ++i) policies.push_back(compiled(random.document()));
        const auto resource_policy = compiled(random.document(true), Use::resource);
        std::vector<NamedPolicy> named;
        for (const auto& policy : policies) named.push_back({"p", &policy});
        const Level level{"root", std::span(named).first(2)};
        Layers layers;
        layers.identity = named;
        layers.boundary = std::span<const NamedPolicy>(named).last(1);
        layers.session = std::span<const NamedPolicy>(named).first(1);
        layers.scp = std::span(&level, 1);
        layers.resource_policy = NamedPolicy{"r", &resource_policy};
        const auto action = random.action(), resource = random.resource();
        const Request request{
            .principal = user, .action = action, .resource = resource, .resource_account = account, .context = context};
        const auto before = allocations;
        const auto decision = policy::decide(request, layers);
        ASSERT_EQ(allocations, before) << seed << ' ' << outcome_name(decision.outcome);
    }
}

}  // namespace
}  // namespace sekisho::policy
