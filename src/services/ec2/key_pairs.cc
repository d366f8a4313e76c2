// Key pairs: public keys that were imported. Sekisho runs no machine that would take one.
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "services/ec2/describe.h"
#include "services/ec2/service.h"
#include "wire/arn.h"

namespace sekisho::ec2_service {
namespace {

using domain::KeyPair;
using Values = std::vector<std::string>;

ec2::KeyPairInfo to_wire(const KeyPair& pair, bool with_key) {
    ec2::KeyPairInfo wire;
    wire.key_pair_id = pair.id;
    wire.key_name = pair.name;
    wire.key_type = enum_of<ec2::KeyType>(pair.type);
    wire.key_fingerprint = pair.fingerprint;
    wire.create_time = pair.created_at;
    if (with_key) wire.public_key = pair.public_key;
    wire.tags = tags_to_wire(pair.tags);
    return wire;
}

struct PublicKey {
    ec2::KeyType type;
    std::string text;
    std::string blob;
};
// OpenSSH's form: "ssh-ed25519 <base64> comment"; the bytes begin with the length and name of the type (RFC 4253 6.6).
std::optional<PublicKey> read_key(std::string_view material) {
    const auto parts = split(trim(material), ' ');
    if (parts.size() < 2) return {};
    const bool is_rsa = parts[0] == "ssh-rsa";
    if (!is_rsa && parts[0] != "ssh-ed25519") return {};
    auto blob = decode_base64(parts[1]);
    const std::string start = std::string(3, '\0') + static_cast<char>(parts[0].size()) + std::string(parts[0]);
    if (!blob || !blob->starts_with(start)) return {};
    return PublicKey{is_rsa ? ec2::KeyType::rsa : ec2::KeyType::ed25519, std::string(trim(material)), std::move(*blob)};
}

Result<std::optional<KeyPair>> find_by_name(const Call& call, const std::string& name) {
    return domain::key_pairs.get_by(call.tx, domain::by_name, call.account(), call.region(), name);
}

Result<ec2::ImportKeyPairResult> import_pair(Call& call, const ec2::ImportKeyPairRequest& request) {
    SEK_TRY(const auto other, find_by_name(call, request.key_name));
    if (other) return error("InvalidKeyPair.Duplicate", "The keypair already exists");
    const auto key = read_key(request.public_key_material);
    if (!key) return error("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
    SEK_TRY(auto tags, read_tags(call, key_pair_kind, request.tag_specifications));
    auto pair = new_record<KeyPair>(call, key_pair_kind.prefix, std::move(tags));
    pair.name = request.key_name;
    pair.type = enum_text(key->type);
    // OpenSSH's fingerprint: base64 of the SHA-256, without padding.
    pair.fingerprint = encode_base64(crypto::sha256(key->blob).str());
    pair.public_key = key->text;
    SEK_TRY(domain::key_pairs.put(call.tx, pair));
    return ec2::ImportKeyPairResult{.key_fingerprint = pair.fingerprint,
                                    .key_name = pair.name,
                                    .key_pair_id = pair.id,
                                    .tags = tags_to_wire(pair.tags)};
}

// Key pairs are named by their names in ARNs.
std::string arn_of_pair(const Call& call, std::string_view name) {
    return wire::make_arn("ec2", call.region(), call.account(), "key-pair/" + std::string(name));
}

access::Permissions import_permissions(const Call& call, const ec2::ImportKeyPairRequest& request) {
    auto permissions = making(call, key_pair_kind, "ImportKeyPair", request.tag_specifications);
    for (auto& permission : permissions) permission.resource = arn_of_pair(call, request.key_name);
    return permissions;
}

Result<std::optional<KeyPair>> find_pair(const Call& call, const ec2::DeleteKeyPairRequest& request) {
    if (request.key_name) return find_by_name(call, *request.key_name);
    return domain::key_pairs.get(call.tx, call.account(), call.region(), request.key_pair_id.value_or(""));
}

// A key pair that is not there is deleted already.
Result<ec2::DeleteKeyPairResult> delete_pair(Call& call, const ec2::DeleteKeyPairRequest& request) {
    if (!request.key_name && !request.key_pair_id) return missing_parameter("KeyName/KeyPairId");
    SEK_TRY(const auto pair, find_pair(call, request));
    if (!pair) return ec2::DeleteKeyPairResult{.return_ = true};
    SEK_TRY(domain::key_pairs.erase(call.tx, call.account(), call.region(), pair->id));
    return ec2::DeleteKeyPairResult{.return_ = true, .key_pair_id = pair->id};
}

access::Permissions delete_permissions(const Call& call, const ec2::DeleteKeyPairRequest& request) {
    const auto pair = find_pair(call, request);
    auto permission = on_existing(call, key_pair_kind, pair && *pair ? (*pair)->id : "*");
    permission.resource = arn_of_pair(call, pair && *pair ? (*pair)->name : request.key_name.value_or("*"));
    permission.shown_resource = arn_of_pair(call, request.key_name.value_or("*"));
    return {std::move(permission)};
}

constexpr FilterRow<KeyPair> filters[] = {
    {"fingerprint", [](const KeyPair& p) { return Values{p.fingerprint}; }},
    {"key-name", [](const KeyPair& p) { return Values{p.name}; }},
    {"key-pair-id", [](const KeyPair& p) { return Values{p.id}; }},
};

Result<ec2::DescribeKeyPairsResult> describe_pairs(Call& call, const ec2::DescribeKeyPairsRequest& request) {
    Ids ids = request.key_pair_ids;
    for (const auto& name : request.key_names.value_or(Values())) {
        SEK_TRY(const auto pair, find_by_name(call, name));
        if (!pair) return not_found(key_pair_kind, name);
        if (!ids) ids.emplace();
        ids->push_back(pair->id);
    }
    SEK_TRY(const auto found, describe<KeyPair>(call, domain::key_pairs, key_pair_kind, filters, ids, request.filters,
                                                {"DescribeKeyPairs", {}, {}}));
    ec2::DescribeKeyPairsResult result;
    result.key_pairs.emplace();
    for (const auto& pair : found.records) {
        result.key_pairs->push_back(to_wire(pair, request.include_public_key.value_or(false)));
    }
    return result;
}

}  // namespace

const operation::OperationTable key_pair_operations = {
    row<ec2::ImportKeyPair>({.access = Access::write, .resources = import_permissions, .handle = import_pair}),
    row<ec2::DeleteKeyPair>({.access = Access::write, .resources = delete_permissions, .handle = delete_pair}),
    row<ec2::DescribeKeyPairs>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeKeyPairsRequest>, .handle = describe_pairs}),
};

}  // namespace sekisho::ec2_service
