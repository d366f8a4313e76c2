#include "operation/testing.h"

#include <cstdio>
#include <cstdlib>

#include "access/records.h"
#include "base/text.h"
#include "domain/iam.h"
#include "domain/organization.h"
#include "operation/work_pool.h"
#include "wire/arn.h"

namespace sekisho::operation {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "test house: %s %s\n", result.error().message.c_str(), result.error().cause.c_str());
        std::abort();
    }
    return std::move(*result);
}

void must(Result<void> result) {
    if (!result) {
        std::fprintf(stderr, "test house: %s\n", result.error().cause.c_str());
        std::abort();
    }
}

std::shared_ptr<const crypto::KeyRing> test_key_ring() {
    auto ring = std::make_shared<crypto::KeyRing>();
    must(ring->add(1, Secret(std::string(32, 'k'))));
    return ring;
}

std::filesystem::path temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sekisho-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    return pattern;
}

}  // namespace

const AccountId TestHouse::account("111222333444");

TestHouse::TestHouse(std::initializer_list<RegisterOperations> services)
    : folder_(temporary_folder()), clock_(time_from_epoch_seconds(1'795'479'851)) {
    store_ = must(store::Store::open({.folder = folder_ / "store",
                                      .map_bytes = 1ULL << 30,
                                      .key_ring = test_key_ring(),
                                      .clock = &clock_,
                                      .durable = false}));
    trail_ = must(audit::Trail::open(
        {.folder = folder_ / "audit", .key = must(crypto::SigningKey::generate_p256()), .clock = &clock_}));
    tokens_ = std::make_unique<access::SessionTokens>(std::string(32, 't'));
    environment_.public_url = "https://localhost:7443";
    environment_.tokens = tokens_.get();
    environment_.cluster_provider = "record";
    environment_.version = "test";
    environment_.registry = &registry_;
    for (const auto add : services) add(registry_);
    pipeline_ = std::make_unique<Pipeline>(*store_, registry_, environment_, *trail_, clock_);
    outbox_ = std::make_unique<store::Outbox>(*store_);
    register_audit_worker(*outbox_, *trail_);
    administrator_ =
        user("admin", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})");
}

TestHouse::~TestHouse() {
    // What answers from a pool still holds its snapshot when the answer has come.
    password_pool().wait_idle();
    trail_pool().wait_idle();
    outbox_->stop();
    outbox_.reset();
    store_->close();
    pipeline_.reset();
    trail_.reset();
    store_.reset();
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

bool TestHouse::settle() {
    if (!started_) outbox_->start();
    started_ = true;
    outbox_->wake();
    return outbox_->wait_idle(seconds(10));
}

access::Caller TestHouse::user(std::string_view name, std::string_view policy_document, const AccountId& of) {
    access::Caller caller;
    must(store_->commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(const auto known, domain::accounts.get(tx, of));
        if (!known) {
            SEK_TRY(domain::accounts.put(tx, {.id = of,
                                              .name = "Account " + of.str(),
                                              .email = of.str() + "@example.com",
                                              .email_verified = true,
                                              .created_at = clock_.now()}));
        }
        domain::IamUser user{.account_id = of,
                             .name = std::string(name),
                             .path = "/",
                             .id = PrincipalId(domain::make_unique_id("AIDA", of, system_random())),
                             .created_at = clock_.now()};
        domain::AccessKey key{.id = domain::make_access_key_id("AKIA", of, system_random()),
                              .account_id = of,
                              .user_name = user.name,
                              .user_id = user.id,
                              .secret = domain::make_secret_access_key(system_random()),
                              .created_at = clock_.now()};
        SEK_TRY(domain::iam_users.put(tx, user));
        SEK_TRY(domain::access_keys.put(tx, key));
        domain::PrincipalPolicies policies{.principal_id = user.id};
        if (!policy_document.empty()) policies.inline_policies["test"] = policy_document;
        SEK_TRY(domain::principal_policies.put(tx, policies));
        caller.kind = access::CallerKind::user;
        caller.account_id = of;
        caller.principal_id = user.id;
        caller.user_name = user.name;
        caller.arn = caller.principal_arn = domain::user_arn(user);
        caller.user_id = user.id.str();
        caller.access_key_id = key.id;
        return {};
    }));
    return caller;
}

access::Caller TestHouse::role_session(const AccountId& of, std::string_view role_name, std::string_view session_name) {
    const auto snapshot = store_->snapshot();
    const auto role = access::cached_role(snapshot, of, role_name);
    if (!role) std::abort();
    access::Caller caller;
    caller.kind = access::CallerKind::role_session;
    caller.account_id = of;
    caller.principal_id = role->id;
    caller.role_name = role->name;
    caller.session_name = session_name;
    caller.principal_arn = domain::role_arn(*role);
    caller.arn = wire::make_assumed_role_arn(of, role->name, session_name);
    caller.user_id = role->id.str() + ":" + std::string(session_name);
    caller.principal_tags = role->tags;
    caller.issued_at = clock_.now();
    caller.expires_at = clock_.now() + hours(1);
    return caller;
}

}  // namespace sekisho::operation
