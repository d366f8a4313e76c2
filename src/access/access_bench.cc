// A session token of single sign-on: opened at every request, sealed by AssumeRole.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "access/session_token.h"
#include "crypto/drbg.h"
#include "store/testing.h"

namespace sekisho::access {
namespace {

SessionClaims claims() {
    SessionClaims made;
    made.account_id = AccountId("111222333444");
    made.principal_id = PrincipalId("AROAQAAAAAAAGMKEM7X5A");
    made.principal_name = "AWSReservedSSO_EKSClusterAdminAccess_0123456789abcdef";
    made.session_name = made.source_identity = "eksadmin";
    made.issued_at = time_from_epoch_seconds(1'795'479'851);
    made.expires_at = made.issued_at + hours(1);
    made.root.person_id = PersonId("0123456789-11111111-2222-4333-8444-555555555555");
    made.root.identity_store_id = IdentityStoreId("d-0123456789");
    made.root.sign_in_session_id = SignInSessionId(std::string(64, 'a'));
    made.root.grant_account_id = made.account_id;
    made.root.permission_set_arn =
        PermissionSetArn("arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef");
    made.root.assignee_kind = "GROUP";
    made.root.assignee_id = "0123456789-aaaaaaaa-2222-4333-8444-555555555555";
    return made;
}

struct Issued {
    store::testing::TemporaryFolder folder;
    std::unique_ptr<store::Store> store;
    SessionTokens tokens{std::string(32, 'k')};

    Issued() {
        auto opened = store::Store::open(store::testing::options_in(folder));
        if (!opened) std::abort();
        store = std::move(*opened);
    }
    TemporaryCredentials issue() {
        const auto transaction = store->transaction();
        auto made = tokens.issue(*transaction, claims(), crypto::thread_random());
        if (!made) std::abort();
        return std::move(*made);
    }
};

void open_token(benchmark::State& state) {
    Issued issued;
    const auto credentials = issued.issue();
    const auto snapshot = issued.store->snapshot();
    for (auto _ : state) {
        const auto opened = issued.tokens.open(snapshot, credentials.session_token, credentials.access_key_id.str());
        if (!opened) std::abort();
        benchmark::DoNotOptimize(issued.tokens.secret_access_key(*opened));
    }
}
BENCHMARK(open_token);

void issue_token(benchmark::State& state) {
    Issued issued;
    for (auto _ : state) benchmark::DoNotOptimize(issued.issue());
}
BENCHMARK(issue_token);

}  // namespace
}  // namespace sekisho::access
