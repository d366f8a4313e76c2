#include "domain/aws_managed_policies.h"

#include <zstd.h>

#include <algorithm>

namespace sekisho::domain {

std::span<const AwsManagedPolicy> aws_managed_policies() {
    return managed_policies::entries();
}

const AwsManagedPolicy* find_aws_managed_policy(std::string_view name) {
    const auto all = aws_managed_policies();
    const auto found = std::ranges::lower_bound(all, name, {}, &AwsManagedPolicy::name);
    return found != all.end() && found->name == name ? &*found : nullptr;
}

const AwsManagedPolicy* find_aws_managed_policy_by_arn(std::string_view arn) {
    const auto* policy = find_aws_managed_policy(arn.substr(arn.rfind('/') + 1));
    return policy != nullptr && aws_managed_policy_arn(*policy) == arn ? policy : nullptr;
}

std::string aws_managed_policy_arn(const AwsManagedPolicy& policy) {
    return "arn:aws:iam::aws:policy" + std::string(policy.path) + std::string(policy.name);
}

std::string aws_managed_policy_document(const AwsManagedPolicy& policy) {
    const auto& chunk = managed_policies::chunks()[policy.chunk];
    std::string plain(chunk.plain_size, '\0');
    const std::size_t size =
        ZSTD_decompress(plain.data(), plain.size(), chunk.compressed.data(), chunk.compressed.size());
    if (ZSTD_isError(size) != 0 || size != plain.size()) std::abort();  // our own data, checked when it was built
    return plain.substr(policy.offset, policy.length);
}

}  // namespace sekisho::domain
