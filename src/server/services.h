#pragma once
// The one list of the services of this program, and of their workers.
#include "operation/operation.h"
#include "operation/pipeline.h"
#include "services/sekisho/service.h"
#include "services/sts/service.h"
#include "store/outbox.h"

namespace sekisho::server {

// Every operation of every service. Without hooks it can be looked at, but not served.
operation::Registry make_registry(control_service::ServerHooks hooks = {}, access::FetchDocument fetch = {});
void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline, control_service::MailSender sender);

}  // namespace sekisho::server
