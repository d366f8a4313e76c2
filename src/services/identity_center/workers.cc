#include "models/control.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

constexpr std::string_view not_found = "ResourceNotFoundException";

access::RequestFacts facts_of(const EffectPayload& payload) {
    access::RequestFacts facts;
    facts.region = Region(payload.region);
    facts.source_address = "sekisho.internal";
    return facts;
}

// Work of one step is done with its answer.
template <class Response>
bool is_done(const Response& response) {
    if constexpr (requires { response.done; }) {
        return response.done;
    } else {
        return true;
    }
}

// Runs the inner operation that a row asks for. Rows of long work come again until the operation says that it is done.
template <class Op>
void register_worker(store::Outbox& outbox, operation::Pipeline& pipeline, std::string_view kind,
                     typename Op::Request (*request_of)(const EffectPayload&)) {
    constexpr std::size_t parallel = 4;
    outbox.register_worker(
        std::string(kind),
        [&pipeline, request_of](const store::OutboxRow& row, store::Completion completion) {
            const auto payload = parse_payload(row.payload);
            if (!payload) return completion.failed("a payload that is not readable");
            pipeline.call<Op>(
                access::service_caller(AccountId(payload->owner_account_id)), facts_of(*payload), request_of(*payload),
                [&pipeline, completion = std::move(completion)](Result<typename Op::Response> response) mutable {
                    // What a row is about may have gone with its instance: nothing is left to do.
                    if (!response && response.error().code == not_found) return completion.done();
                    if (!response) return completion.failed(response.error().message + " " + response.error().cause);
                    if (!is_done(*response)) return completion.retry_at(pipeline.clock().now());
                    completion.done();
                });
        },
        {.parallel_max = parallel, .run_on = {}});
}

}  // namespace

void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline) {
    register_worker<control::CompleteAccountAssignment>(
        outbox, pipeline, assignment_effect, [](const EffectPayload& p) {
            return control::CompleteAccountAssignmentRequest{.instance_arn = p.instance_arn,
                                                             .request_id = p.request_id};
        });
    register_worker<control::CompletePermissionSetProvisioning>(
        outbox, pipeline, provisioning_effect, [](const EffectPayload& p) {
            return control::CompletePermissionSetProvisioningRequest{.instance_arn = p.instance_arn,
                                                                     .request_id = p.request_id};
        });
    register_worker<control::CollectProvisionedRole>(outbox, pipeline, collect_effect, [](const EffectPayload& p) {
        control::CollectProvisionedRoleRequest request{.instance_arn = p.instance_arn, .account_id = {}};
        request.permission_set_arn = p.permission_set_arn;
        if (!p.account_id.empty()) request.account_id = p.account_id;
        return request;
    });
    register_worker<control::ForgetPrincipal>(outbox, pipeline, forget_effect, [](const EffectPayload& p) {
        return control::ForgetPrincipalRequest{.identity_store_id = p.identity_store_id,
                                               .principal_type = p.principal_type,
                                               .principal_id = p.principal_id};
    });
    register_worker<control::ForgetApplication>(
        outbox, pipeline, forget_application_effect,
        [](const EffectPayload& p) { return control::ForgetApplicationRequest{.application_arn = p.application_arn}; });
    register_worker<control::ForgetInstance>(outbox, pipeline, forget_instance_effect, [](const EffectPayload& p) {
        return control::ForgetInstanceRequest{.instance_arn = p.instance_arn, .identity_store_id = p.identity_store_id};
    });
    register_worker<control::CompleteRegionChange>(outbox, pipeline, region_effect, [](const EffectPayload& p) {
        return control::CompleteRegionChangeRequest{.instance_arn = p.instance_arn, .region = p.changed_region};
    });
}

}  // namespace sekisho::identity_center_service
