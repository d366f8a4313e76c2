#pragma once
// The `sekisho` service (models/sekisho.json): sign-in, invitations, passwords, devices, sessions, mail, the server.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "audit/trail.h"
#include "base/result.h"
#include "domain/mail.h"
#include "operation/operation.h"
#include "operation/pipeline.h"
#include "store/outbox.h"

namespace sekisho::control_service {

// Adds the operations on people and mail. Identity Center's own (EnableIdentityCenter, ...) and Organizations' inner
// ones are added by their services.
void register_operations(operation::Registry& registry);

// Visits the audit trail's records from the newest to the oldest (of those before a place, if there is one); false:
// stop.
using ScanTrail = std::function<void(const audit::Trail::Visit& visit, const std::optional<audit::TrailPlace>& before)>;

// What the server itself does. Each may be called from any thread; `done` is called once.
struct ServerHooks {
    struct Status {
        Time started_at{};
        std::string endpoint;  // https://127.0.0.1:7443
        std::int64_t store_revision = 0;
        std::int64_t store_bytes = 0;
        std::int64_t outbox_rows = 0;
        AccountId management_account_id;
    };
    struct Authority {
        std::string certificate_pem;
        std::string fingerprint;
        Time not_after{};
    };
    struct BackupFile {
        std::string path;
        std::int64_t bytes = 0;
        std::int64_t store_revision = 0;
    };
    std::function<Status()> status;
    // "SERVER" or "DOOR".
    std::function<Result<Authority>(std::string_view kind)> certificate_authority;
    // Starts an orderly stop: requests under way are still answered.
    std::function<void()> stop;
    std::function<void(std::string path, std::move_only_function<void(Result<BackupFile>)> done)> backup;
    ScanTrail scan_trail;
};
// GetStatus, GetCertificateAuthority, StopServer, Backup, ListOperations, ListActivity.
void register_server_operations(operation::Registry& registry, ServerHooks hooks);

// Sends one mail, later and from any thread.
using MailSender = std::function<void(const domain::Mail&, std::move_only_function<void(Result<void>)> done)>;
// Carries out mail effects. `sender` is used when the environment sends mail; else mail stays in the outbox to be read.
void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline, MailSender sender);

// Waits until no password is being hashed and nobody reads the trail. Before the pipeline and the trail go.
void wait_for_pools();

extern const operation::OperationTable sign_in_operations;
extern const operation::OperationTable first_sign_in_operations;
extern const operation::OperationTable enrolment_operations;
extern const operation::OperationTable invitation_operations;
extern const operation::OperationTable password_operations;
extern const operation::OperationTable portal_operations;
extern const operation::OperationTable own_account_operations;
extern const operation::OperationTable authorization_operations;
extern const operation::OperationTable mfa_device_operations;
extern const operation::OperationTable session_operations;
extern const operation::OperationTable mail_operations;

}  // namespace sekisho::control_service
