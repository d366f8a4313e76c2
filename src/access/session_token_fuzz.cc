// As a client sends it, a session token is text that must not open; as somebody with the key could seal it, it is any
// record. The first octet 'S' seals what follows. What opens is bound to its access key and its every octet.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "access/session_token.h"
#include "store/record_codec.h"

using namespace sekisho;
using namespace sekisho::access;

namespace {

// No extension is kept: a token that names one does not open.
class EmptyReader final : public store::Reader {
 public:
    std::optional<store::Value> get(std::string_view) const override { return {}; }
    void scan(const store::Range&, store::Direction, store::Visitor) const override {}
    store::Revision revision() const override { return 1; }
    std::uint64_t snapshot_number() const override { return 1; }
    bool note_read(std::string_view, store::Revision) const override { return true; }
    std::uint64_t store_number() const override { return 1; }
    const crypto::KeyRing* key_ring() const override { return nullptr; }
};

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const SessionTokens tokens(std::string(32, 'f'));
    static const EmptyReader reader;
    require(!tokens.open(reader, text, "ASIAQAAAAAAAGMKEM7X5"));
    if (!text.starts_with('S')) return 0;

    std::string token = tokens.seal("sekisho session token", text.substr(1));
    require(!tokens.open_sealed("another purpose", token));
    SessionClaims claims;
    const bool decodes = store::decode_record(SessionClaims::shape, text.substr(1), &claims, {}).has_value();
    const auto opened = tokens.open(reader, token, claims.access_key_id.str());
    if (!opened) return 0;
    require(decodes && !claims.extension_hash && opened->access_key_id == claims.access_key_id);
    require(tokens.secret_access_key(*opened).expose().size() == 40);
    require(!tokens.open(reader, token, claims.access_key_id.str() + "A"));
    char& changed = token[text.size() % token.size()];
    changed = changed == 'A' ? 'B' : 'A';
    require(!tokens.open(reader, token, claims.access_key_id.str()));
    return 0;
}
