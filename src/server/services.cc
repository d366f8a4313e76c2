#include "server/services.h"

#include "kube/mapping_operations.h"
#include "services/autoscaling/service.h"
#include "services/cloudformation/service.h"
#include "services/ec2/service.h"
#include "services/eks/service.h"
#include "services/iam/service.h"
#include "services/identity_center/service.h"
#include "services/organizations/service.h"
#include "services/signin/service.h"
#include "services/sso/service.h"

namespace sekisho::server {

operation::Registry make_registry(control_service::ServerHooks hooks, access::FetchDocument fetch) {
    operation::Registry registry;
    organizations_service::register_operations(registry);
    identity_center_service::register_operations(registry);
    iam_service::register_operations(registry);
    sts_service::register_operations(registry);
    const auto issuers = std::make_shared<access::IssuerKeys>(std::move(fetch));
    sts_service::register_web_identity(registry, issuers);
    sso_service::register_operations(registry);
    sso_service::register_application_tokens(registry, issuers);
    signin_service::register_operations(registry);
    eks_service::register_operations(registry);
    ec2_service::register_operations(registry);
    autoscaling_service::register_operations(registry);
    cloudformation_service::register_operations(registry);
    control_service::register_operations(registry);
    kube::register_operations(registry);
    control_service::register_server_operations(registry, std::move(hooks));
    return registry;
}

void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline, control_service::MailSender sender) {
    operation::register_audit_worker(outbox, pipeline.trail());
    organizations_service::register_workers(outbox, pipeline);
    identity_center_service::register_workers(outbox, pipeline);
    cloudformation_service::register_workers(outbox, pipeline);
    control_service::register_workers(outbox, pipeline, std::move(sender));
}

}  // namespace sekisho::server
