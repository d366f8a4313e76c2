#include "server/services.h"

#include "services/eks/service.h"
#include "services/iam/service.h"
#include "services/identity_center/service.h"
#include "services/organizations/service.h"
#include "services/sekisho/service.h"
#include "services/sts/service.h"

namespace sekisho::server {

const operation::Registry& all_operations() {
    static const operation::Registry registry = [] {
        operation::Registry made;
        organizations_service::register_operations(made);
        identity_center_service::register_operations(made);
        iam_service::register_operations(made);
        sts_service::register_operations(made);
        eks_service::register_operations(made);
        control_service::register_operations(made);
        return made;
    }();
    return registry;
}

}  // namespace sekisho::server
