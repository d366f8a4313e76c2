// The regions of an organization's instance. The instance is served in the one that it was enabled in; those that are
// added are records that go through AWS's states, so that clients which manage them find what they expect.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/multi-region-iam-identity-center.html
#include <algorithm>

#include "models/control.h"
#include "models/sso_admin.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using sso_admin::RegionStatus;

std::string text_of(RegionStatus status) {
    return std::string(sso_admin::to_text(status));
}

auto find_region(domain::IdentityCenter& center, std::string_view name) {
    return std::ranges::find(center.added_regions, Region(name), &domain::CenterRegion::name);
}

ApiError no_such_region(const std::string& name) {
    return sso_admin::errors::resource_not_found_exception("Region " + name + " is not enabled for the instance.");
}

// AWS: no other add or remove workflow may be in progress.
Result<void> check_at_rest(const domain::IdentityCenter& center) {
    const auto is_active = [](const domain::CenterRegion& region) {
        return region.status == text_of(RegionStatus::active);
    };
    if (std::ranges::all_of(center.added_regions, is_active)) return {};
    return sso_admin::errors::conflict_exception(
        "Another operation that adds or removes a Region is in progress for the instance.");
}

Result<sso_admin::AddRegionResponse> add_region(Call& call, const sso_admin::AddRegionRequest& request) {
    SEK_TRY(auto center, instance_of<sso_admin::AddRegion>(call, request));
    if (!center.organization_id) {
        return sso_admin::errors::validation_exception("This action is not valid for account instances.");
    }
    if (request.region_name == center.region.str() ||
        find_region(center, request.region_name) != center.added_regions.end()) {
        return sso_admin::errors::conflict_exception("Region " + request.region_name +
                                                     " is already enabled for the instance.");
    }
    SEK_TRY(check_at_rest(center));
    if (center.added_regions.size() >= domain::center_regions_max) {
        return sso_admin::errors::service_quota_exceeded_exception(
            "An instance has at most " + std::to_string(domain::center_regions_max) + " additional Regions.");
    }
    center.added_regions.push_back(
        {.name = Region(request.region_name), .status = text_of(RegionStatus::adding), .added_at = call.now});
    SEK_TRY(domain::identity_centers.put(call.tx, center));
    enqueue_region_change(call.tx, center, request.region_name);
    return sso_admin::AddRegionResponse{.status = RegionStatus::adding};
}

Result<sso_admin::RemoveRegionResponse> remove_region(Call& call, const sso_admin::RemoveRegionRequest& request) {
    SEK_TRY(auto center, instance_of<sso_admin::RemoveRegion>(call, request));
    if (request.region_name == center.region.str()) {
        return sso_admin::errors::validation_exception("The primary Region cannot be removed.");
    }
    const auto found = find_region(center, request.region_name);
    if (found == center.added_regions.end()) return no_such_region(request.region_name);
    SEK_TRY(check_at_rest(center));
    found->status = text_of(RegionStatus::removing);
    SEK_TRY(domain::identity_centers.put(call.tx, center));
    enqueue_region_change(call.tx, center, request.region_name);
    return sso_admin::RemoveRegionResponse{.status = RegionStatus::removing};
}

// Idempotent: a region at rest stays as it is.
Result<control::CompleteRegionChangeResponse> complete_region_change(
    Call& call, const control::CompleteRegionChangeRequest& request) {
    SEK_TRY(auto center, domain::identity_centers.get(call.tx, request.instance_arn));
    if (!center) return control::errors::resource_not_found_exception("No such instance.");
    const auto found = find_region(*center, request.region);
    if (found == center->added_regions.end()) return control::CompleteRegionChangeResponse{};
    if (found->status == text_of(RegionStatus::removing)) {
        center->added_regions.erase(found);
    } else {
        found->status = text_of(RegionStatus::active);
    }
    SEK_TRY(domain::identity_centers.put(call.tx, *center));
    return control::CompleteRegionChangeResponse{};
}

Result<sso_admin::ListRegionsResponse> list_regions(Call& call, const sso_admin::ListRegionsRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::ListRegions>(call, request));
    const auto scope = "ListRegions " + center.instance_arn.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, slice_of(regions_of(center), page));
    return sso_admin::ListRegionsResponse{.regions = found.items, .next_token = seal_next(call, scope, found.next)};
}

Result<sso_admin::DescribeRegionResponse> describe_region(Call& call, const sso_admin::DescribeRegionRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::DescribeRegion>(call, request));
    for (const auto& region : regions_of(center)) {
        if (region.region_name != request.region_name) continue;
        return sso_admin::DescribeRegionResponse{.region_name = region.region_name,
                                                 .status = region.status,
                                                 .added_date = region.added_date,
                                                 .is_primary_region = region.is_primary_region};
    }
    return no_such_region(request.region_name);
}

}  // namespace

std::vector<sso_admin::RegionMetadata> regions_of(const domain::IdentityCenter& center) {
    std::vector<sso_admin::RegionMetadata> regions{{.region_name = center.region.str(),
                                                    .status = RegionStatus::active,
                                                    .added_date = center.created_at,
                                                    .is_primary_region = true}};
    for (const auto& region : center.added_regions) {
        const auto names = sso_admin::enum_names(RegionStatus());
        const auto place = std::ranges::find(names, region.status) - names.begin();
        regions.push_back({.region_name = region.name.str(),
                           .status = static_cast<RegionStatus>(place),
                           .added_date = region.added_at,
                           .is_primary_region = false});
    }
    return regions;
}

const operation::OperationTable region_operations = {
    operation::operation<sso_admin::AddRegion>({.access = Access::write,
                                                .resources = instance_permissions<sso_admin::AddRegionRequest>,
                                                .handle = add_region}),
    operation::operation<sso_admin::RemoveRegion>({.access = Access::write,
                                                   .resources = instance_permissions<sso_admin::RemoveRegionRequest>,
                                                   .handle = remove_region}),
    operation::operation<sso_admin::ListRegions>({.access = Access::read,
                                                  .resources = instance_permissions<sso_admin::ListRegionsRequest>,
                                                  .handle = list_regions}),
    operation::operation<sso_admin::DescribeRegion>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::DescribeRegionRequest>,
         .handle = describe_region}),
};

const operation::OperationTable region_completion_operations = {
    operation::operation<control::CompleteRegionChange>(
        {.access = Access::write, .resources = operation::workers_only, .handle = complete_region_change}),
};

}  // namespace sekisho::identity_center_service
