#include <gtest/gtest.h>

#include "models/control.h"
#include "operation/testing.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {
namespace {

int stops = 0;
AccountId management_account;

void register_all(operation::Registry& registry) {
    register_operations(registry);
    register_server_operations(
        registry, {.status =
                       [] {
                           return ServerHooks::Status{.endpoint = "https://127.0.0.1:7443",
                                                      .store_revision = 7,
                                                      .management_account_id = management_account};
                       },
                   .certificate_authority = [](std::string_view kind) -> Result<ServerHooks::Authority> {
                       if (kind != "SERVER") return control::errors::resource_not_found_exception("No such authority.");
                       return ServerHooks::Authority{.certificate_pem = "PEM", .fingerprint = "AA:BB"};
                   },
                   .stop = [] { ++stops; },
                   .backup =
                       [](std::string path, std::move_only_function<void(Result<ServerHooks::BackupFile>)> done) {
                           done(ServerHooks::BackupFile{.path = std::move(path), .bytes = 42, .store_revision = 7});
                       },
                   .scan_trail =
                       [](const auto& visit, const auto&) {
                           visit(R"({"eventTime":"2026-11-25T10:00:00Z","eventID":"e-1","eventName":"CreateUser",)"
                                 R"("eventSource":"iam.amazonaws.com","recipientAccountId":"999999999999"})",
                                 {});
                       }});
}

class ServerOperations : public testing::Test {
 protected:
    void SetUp() override { management_account = operation::TestHouse::account; }
    operation::TestHouse house{register_all};
    template <class Op>
    Result<typename Op::Response> admin(typename Op::Request request) {
        return house.call<Op>(house.administrator(), std::move(request));
    }
};

TEST_F(ServerOperations, StatusAuthorityAndBackup) {
    const auto status = admin<control::GetStatus>({});
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(status->endpoint, "https://127.0.0.1:7443");
    EXPECT_EQ(status->public_url, "https://localhost:7443");
    EXPECT_EQ(status->store_revision, 7);
    EXPECT_EQ(admin<control::GetCertificateAuthority>({})->certificate_pem, "PEM");
    EXPECT_EQ(admin<control::GetCertificateAuthority>({.kind = control::CertificateAuthorityKind::door}).error().code,
              "ResourceNotFoundException");
    EXPECT_EQ(admin<control::Backup>({.path = "/tmp/b"})->bytes, 42);
}

TEST_F(ServerOperations, ActivityOfOtherAccountsIsTheManagementAccounts) {
    EXPECT_EQ(admin<control::ListActivity>({})->events.size(), 1u);
    management_account = AccountId("999999999999");
    EXPECT_TRUE(admin<control::ListActivity>({})->events.empty());
    EXPECT_EQ(admin<control::ListActivity>({.next_token = "forged"}).error().code, "ValidationException");
    EXPECT_EQ(house.call<control::ListActivity>(house.user("nobody", ""), {}).error().code, "AccessDeniedException");
}

TEST_F(ServerOperations, NothingHappensWithoutTheRight) {
    stops = 0;
    const auto nobody = house.user("nobody", "");
    EXPECT_EQ(house.call<control::StopServer>(nobody, {}).error().code, "AccessDeniedException");
    EXPECT_FALSE(house.call<control::Backup>(nobody, {.path = "/tmp/b"}));
    EXPECT_FALSE(house.call<control::GetStatus>({}, {}));
    EXPECT_EQ(stops, 0);
    EXPECT_TRUE(admin<control::StopServer>({}));
    EXPECT_EQ(stops, 1);
}

TEST_F(ServerOperations, AnotherAccountsAdministratorHasNoSayOverTheServer) {
    stops = 0;
    management_account = AccountId("999999999999");
    EXPECT_EQ(admin<control::StopServer>({}).error().code, "AccessDeniedException");
    EXPECT_EQ(admin<control::Backup>({.path = "/tmp/b"}).error().code, "AccessDeniedException");
    EXPECT_EQ(admin<control::GetStatus>({}).error().code, "AccessDeniedException");
    EXPECT_TRUE(admin<control::GetCertificateAuthority>({})) << "it is public";
    EXPECT_EQ(stops, 0);
}

TEST_F(ServerOperations, CoverageIsListedFromTheTables) {
    std::vector<std::string> seen;
    control::ListOperationsRequest request{.max_results = 10, .service = "sekisho"};
    std::size_t implemented = 0;
    do {
        const auto page = admin<control::ListOperations>(request);
        ASSERT_TRUE(page) << page.error().message;
        for (const auto& operation : page->operations) {
            seen.push_back(operation.operation);
            const bool is_row = operation.state == control::CoverageState::implemented;
            implemented += is_row;
            EXPECT_EQ(is_row, operation.access.has_value());
            if (operation.operation == "EnableIdentityCenter") EXPECT_FALSE(is_row);
            if (operation.operation == "StopServer") EXPECT_EQ(operation.access, control::OperationAccess::write);
        }
        request.next_token = page->next_token;
    } while (request.next_token);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_TRUE(std::ranges::find(seen, "StopServer") != seen.end());
    EXPECT_TRUE(std::ranges::find(seen, "SubmitPassword") == seen.end()) << "inner operations are not listed";
    EXPECT_GE(implemented, 15U);
    EXPECT_TRUE(admin<control::ListOperations>({.service = "nothing"})->operations.empty());
}

}  // namespace
}  // namespace sekisho::control_service
