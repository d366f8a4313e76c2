// The server itself: status, coverage, certificate authorities, backup, stop. What it does comes as hooks; the slow
// part runs before the handler.
#include <algorithm>

#include "models/control.h"
#include "services/sekisho/activity.h"
#include "services/sekisho/portal_setup.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

Result<control::GetStatusResponse> get_status(Call& call, const control::GetStatusRequest&) {
    const auto& status = call.prepared<ServerHooks::Status>();
    const auto& environment = call.environment;
    control::GetStatusResponse response;
    response.version = environment.version;
    response.started_date = status.started_at;
    response.public_url = environment.public_url;
    response.home = environment.home;
    response.endpoint = status.endpoint;
    response.store_revision = status.store_revision;
    response.store_bytes = status.store_bytes;
    response.outbox_rows = status.outbox_rows;
    response.sends_mail = environment.sends_mail;
    response.cluster_provider = environment.cluster_provider;
    if (!status.management_account_id.empty()) response.management_account_id = status.management_account_id.str();
    return response;
}

Result<control::GetCertificateAuthorityResponse> get_certificate_authority(
    Call& call, const control::GetCertificateAuthorityRequest& request) {
    const auto& authority = call.prepared<ServerHooks::Authority>();
    control::GetCertificateAuthorityResponse response;
    response.kind = request.kind;
    response.certificate_pem = authority.certificate_pem;
    response.fingerprint = authority.fingerprint;
    response.not_after = authority.not_after;
    return response;
}

Result<control::StopServerResponse> stop_server(Call&, const control::StopServerRequest&) {
    return control::StopServerResponse{};
}

Result<control::BackupResponse> backup(Call& call, const control::BackupRequest&) {
    const auto& made = call.prepared<ServerHooks::BackupFile>();
    return control::BackupResponse{.path = made.path, .bytes = made.bytes, .store_revision = made.store_revision};
}

Result<control::GetPortalSetupResponse> get_portal_setup(Call& call, const control::GetPortalSetupRequest&) {
    return make_portal_setup(call, call.prepared<Setup>());
}

struct Coverage {
    const wire::OperationModel* model;
    const operation::Operation* row;  // null: not implemented
};

Result<control::ListOperationsResponse> list_operations(Call& call, const control::ListOperationsRequest& request) {
    const auto scope = "ListOperations " + request.service.value_or("");
    SEK_TRY(const auto after, page_start(call, scope, request));
    std::vector<std::pair<std::string, Coverage>> all;
    for (const auto* service : call.environment.registry->services()) {
        if (request.service && service->name != *request.service) continue;
        for (const auto* model : service->operations) {
            if (model->is_internal) continue;
            all.push_back({std::string(service->name) + "/" + std::string(model->name),
                           {model, call.environment.registry->find(*model)}});
        }
    }
    std::ranges::sort(all, {}, [](const auto& entry) { return entry.first; });
    control::ListOperationsResponse response;
    for (const auto& [name, coverage] : all) {
        if (name <= after) continue;
        if (response.operations.size() == page_limit(request)) {
            const auto& last = response.operations.back();
            response.next_token = call.seal_page(scope, last.service + "/" + last.operation);
            break;
        }
        control::OperationCoverage view;
        view.service = coverage.model->service->name;
        view.operation = coverage.model->name;
        view.action = std::string(coverage.model->iam_action);
        view.state =
            coverage.row != nullptr ? control::CoverageState::implemented : control::CoverageState::not_implemented;
        if (coverage.row != nullptr) {
            view.access = coverage.row->access == Access::write ? control::OperationAccess::write
                                                                : control::OperationAccess::read;
        }
        response.operations.push_back(std::move(view));
    }
    return response;
}

using Prepare = std::function<void(const Call&, const void* request, operation::PrepareDone)>;

template <class Op>
operation::Operation with_hook(operation::Spec<Op> spec, Prepare prepare) {
    auto row = operation::operation<Op>(spec);
    row.prepare = std::move(prepare);
    return row;
}

// The server is everybody's: an account's own administrator may do all in that account, and must not read, copy or stop
// what the others live on.
Prepare for_management_account(std::shared_ptr<const ServerHooks> hooks, Prepare prepare) {
    return [hooks = std::move(hooks), prepare = std::move(prepare)](const Call& call, const void* request,
                                                                    operation::PrepareDone done) {
        if (hooks->status().management_account_id != call.account()) {
            return done(control::errors::access_denied_exception(
                "Only the management account may do this: it concerns the whole server."));
        }
        prepare(call, request, std::move(done));
    };
}

}  // namespace

void register_server_operations(operation::Registry& registry, ServerHooks hooks) {
    const auto shared = std::make_shared<const ServerHooks>(std::move(hooks));
    const auto any = operation::any_resource;
    registry.add(
        control::service,
        {with_hook<control::GetStatus>(
             {.access = Access::read, .resources = any, .handle = get_status},
             for_management_account(shared,
                                    [shared](const Call&, const void*, operation::PrepareDone done) {
                                        done(operation::make_prepared(shared->status()));
                                    })),
         with_hook<control::GetCertificateAuthority>(
             {.access = Access::read, .resources = any, .handle = get_certificate_authority},
             [shared](const Call&, const void* request, operation::PrepareDone done) {
                 const auto kind = static_cast<const control::GetCertificateAuthorityRequest*>(request)->kind;
                 auto authority = shared->certificate_authority(control::to_text(kind));
                 if (!authority) return done(std::move(authority).error());
                 done(operation::make_prepared(std::move(*authority)));
             }),
         with_hook<control::StopServer>(
             {.access = Access::write, .resources = any, .handle = stop_server},
             for_management_account(shared,
                                    [shared](const Call&, const void*, operation::PrepareDone done) {
                                        shared->stop();
                                        done(operation::make_prepared(true));
                                    })),
         with_hook<control::Backup>(
             {.access = Access::write, .resources = any, .handle = backup},
             for_management_account(shared,
                                    [shared](const Call&, const void* request, operation::PrepareDone done) {
                                        shared->backup(
                                            static_cast<const control::BackupRequest*>(request)->path,
                                            [done = std::move(done)](Result<ServerHooks::BackupFile> made) mutable {
                                                if (!made) return done(std::move(made).error());
                                                done(operation::make_prepared(std::move(*made)));
                                            });
                                    })),
         with_hook<control::GetPortalSetup>(
             {.access = Access::read, .resources = operation::any_person, .handle = get_portal_setup},
             [shared](const Call&, const void*, operation::PrepareDone done) {
                 Setup setup;
                 if (const auto authority = shared->certificate_authority("SERVER")) {
                     setup = {.has_authority = true, .authority_pem = authority->certificate_pem};
                 }
                 done(operation::make_prepared(std::move(setup)));
             }),
         list_activity_operation(shared),
         operation::operation<control::ListOperations>(
             {.access = Access::read, .resources = any, .handle = list_operations})});
}

}  // namespace sekisho::control_service
