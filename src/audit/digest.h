#pragma once
// Digests: each closed segment of the trail gets a signed statement of its content and of the digest before it, so that
// a record changed, a segment removed, or one put in between is found (CloudTrail's digest files, in a form of our
// own).
//
// A digest file is two lines: a JSON object, and the ES256 signature (base64url) of that object's bytes.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/jose.h"

namespace sekisho::audit {

struct Digest {
    std::uint64_t sequence = 0;
    std::string segment;  // the file's name
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    std::string sha256;  // of the segment, hex
    Time started_at{};   // of the segment: it was opened, and closed
    Time ended_at{};
    std::optional<std::string> previous_sha256;  // of the whole digest file before; nothing: this is the first
};

// The file's content.
Result<std::string> print_signed(const Digest& digest, const crypto::SigningKey& key);
// InvalidInput: malformed, or not signed by that key.
Result<Digest> parse_signed(std::string_view text, const crypto::PublicKey& key);

struct VerifyReport {
    std::uint64_t segments = 0;           // closed ones, digest and content agree
    std::uint64_t records = 0;            // in these
    std::uint64_t unsigned_segments = 0;  // the newest, still open (or left open by a crash)
    std::uint64_t problem_count = 0;
    std::vector<std::string> problems;  // the first 100, for people
    bool ok() const { return problem_count == 0; }
};
// Walks the chain of a trail's folder, from its oldest digest to its newest. What it cannot show: that the newest
// segments, with their digests, were cut off, and changes in the open segment.
VerifyReport verify(const std::filesystem::path& folder, const crypto::PublicKey& key);

}  // namespace sekisho::audit
