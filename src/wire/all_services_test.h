#pragma once
// For tests: all services that have a model. The codecs themselves know no model.
#include <span>

#include "models/autoscaling.h"
#include "models/cloudformation.h"
#include "models/control.h"
#include "models/ec2.h"
#include "models/eks.h"
#include "models/iam.h"
#include "models/identitystore.h"
#include "models/organizations.h"
#include "models/signin.h"
#include "models/sso.h"
#include "models/sso_admin.h"
#include "models/sso_oidc.h"
#include "models/sts.h"

namespace sekisho::wire {

inline std::span<const ServiceModel* const> all_services() {
    static constexpr const ServiceModel* services[] = {&autoscaling::service,
                                                       &cloudformation::service,
                                                       &ec2::service,
                                                       &control::service,
                                                       &eks::service,
                                                       &iam::service,
                                                       &identitystore::service,
                                                       &organizations::service,
                                                       &signin::service,
                                                       &sso::service,
                                                       &sso_admin::service,
                                                       &sso_oidc::service,
                                                       &sts::service};
    return services;
}

}  // namespace sekisho::wire
