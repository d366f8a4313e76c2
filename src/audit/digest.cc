#include "audit/digest.h"

#include "audit/file.h"
#include "audit/segments.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"

namespace sekisho::audit {

namespace {

constexpr std::size_t problems_shown_max = 100;

ApiError invalid(std::string message) {
    return {.code = "InvalidInput", .message = std::move(message), .http_status = 400, .cause = {}, .fields = {}};
}

std::optional<std::uint64_t> find_count(const json::value& object, std::string_view name) {
    const json::value* value = find(object, name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
}

Result<Digest> decode(std::string_view text) {
    SEK_TRY(const json::value value, parse_json(text));
    const auto sequence = find_count(value, "sequence");
    const auto bytes = find_count(value, "bytes");
    const auto records = find_count(value, "records");
    const auto segment = find_text(value, "segment");
    const auto sha256 = find_text(value, "sha256");
    const auto started_at = parse_iso8601(find_text(value, "startTime").value_or(""));
    const auto ended_at = parse_iso8601(find_text(value, "endTime").value_or(""));
    if (!sequence || !bytes || !records || !segment || !sha256 || !started_at || !ended_at) {
        return invalid("a member is missing or of the wrong type");
    }
    return Digest{.sequence = *sequence,
                  .segment = *segment,
                  .bytes = *bytes,
                  .records = *records,
                  .sha256 = *sha256,
                  .started_at = *started_at,
                  .ended_at = *ended_at,
                  .previous_sha256 = find_text(value, "previousDigest")};
}

// One walk: keeps what the next digest has to fit to.
class Walk {
 public:
    Walk(const std::filesystem::path& folder, const crypto::PublicKey& key, VerifyReport& report)
        : folder_(folder), key_(key), report_(report) {}

    void visit(const SegmentFile& file, bool digests_follow) {
        if (last_sequence_ && file.sequence != *last_sequence_ + 1) {
            problem(file.name, "segments between " + std::to_string(*last_sequence_) + " and this one are missing");
        }
        if (!last_sequence_ && file.sequence != 1) problem(file.name, "the segments before it are missing");
        last_sequence_ = file.sequence;
        if (!file.has_digest) {
            ++report_.unsigned_segments;
            if (digests_follow) problem(file.name, "its digest is missing");
            return;
        }
        const auto checked = check(file);
        if (!checked) problem(file.name, checked.error().message);
    }

    void problem(std::string_view file, std::string_view text) {
        ++report_.problem_count;
        if (report_.problems.size() < problems_shown_max) {
            report_.problems.push_back(std::string(file) + ": " + std::string(text));
        }
    }

 private:
    Result<void> check(const SegmentFile& file) {
        SEK_TRY(const FileMap text, FileMap::open(folder_ / digest_name(file.name)));
        const std::optional<std::string> previous = std::exchange(previous_sha256_, crypto::sha256(text.bytes()).hex());
        SEK_TRY(const Digest digest, parse_signed(text.bytes(), key_));
        if (digest.sequence != file.sequence || digest.segment != file.name) {
            return invalid("its digest belongs to " + digest.segment);
        }
        if (digest.previous_sha256 != previous) {
            return invalid("the digest before it is not the one that was there when it was signed");
        }
        if (!file.has_segment) return invalid("it is missing, but its digest is there");
        SEK_TRY(const FileMap segment, FileMap::open(folder_ / file.name));
        if (segment.bytes().size() != digest.bytes || crypto::sha256(segment.bytes()).hex() != digest.sha256) {
            return invalid("its content was changed after it was signed");
        }
        ++report_.segments;
        report_.records += digest.records;
        return {};
    }

    const std::filesystem::path& folder_;
    const crypto::PublicKey& key_;
    VerifyReport& report_;
    std::optional<std::uint64_t> last_sequence_;
    std::optional<std::string> previous_sha256_;
};

}  // namespace

Result<std::string> print_signed(const Digest& digest, const crypto::SigningKey& key) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("version", 1);
    json.member("sequence", digest.sequence);
    json.member("segment", digest.segment);
    json.member("bytes", digest.bytes);
    json.member("records", digest.records);
    json.member("sha256", digest.sha256);
    json.member("startTime", format_iso8601_milliseconds(digest.started_at));
    json.member("endTime", format_iso8601_milliseconds(digest.ended_at));
    json.name("previousDigest");
    if (digest.previous_sha256) {
        json.text(*digest.previous_sha256);
    } else {
        json.null();
    }
    json.member("keyId", key.public_key().kid());
    json.end_object();
    SEK_TRY(const std::string signature, key.sign(out));
    return out + "\n" + encode_base64url(signature) + "\n";
}

Result<Digest> parse_signed(std::string_view text, const crypto::PublicKey& key) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos || text.back() != '\n') return invalid("its digest is not two lines");
    const std::string_view statement = text.substr(0, newline);
    const auto signature = decode_base64url(text.substr(newline + 1, text.size() - newline - 2));
    if (!signature || !key.verify(statement, *signature)) return invalid("its digest's signature does not fit");
    auto digest = decode(statement);
    if (!digest) return invalid("its digest cannot be read: " + digest.error().message);
    return digest;
}

VerifyReport verify(const std::filesystem::path& folder, const crypto::PublicKey& key) {
    VerifyReport report;
    Walk walk(folder, key, report);
    const auto files = list_segments(folder);
    if (!files) {
        walk.problem(folder.string(), files.error().cause);
        return report;
    }
    std::size_t digests = 0;
    for (const SegmentFile& file : *files) digests += file.has_digest;
    for (const SegmentFile& file : *files) {
        digests -= file.has_digest;
        walk.visit(file, digests > 0);
    }
    return report;
}

}  // namespace sekisho::audit
