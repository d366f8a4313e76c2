#include "server/services.h"

#include "services/sts/service.h"

namespace sekisho::server {

const operation::Registry& all_operations() {
    static const operation::Registry registry = [] {
        operation::Registry made;
        sts_service::register_operations(made);
        return made;
    }();
    return registry;
}

}  // namespace sekisho::server
