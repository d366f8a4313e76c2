#pragma once
// All services that have a model.
#include <span>

#include "wire/model.h"

namespace sekisho::wire {

std::span<const ServiceModel* const> all_services();

}  // namespace sekisho::wire
