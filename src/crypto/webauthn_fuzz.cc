// Whatever an authenticator sends: it is read within its bytes or refused, and what is read as CBOR is one item of
// them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/cbor.h"
#include "crypto/webauthn.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho::crypto;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string_view rest = text;
    if (const auto value = read_cbor(rest)) {
        if (rest.size() >= text.size()) std::abort();
        const auto item = text.substr(0, text.size() - rest.size());
        std::string_view again = item;
        if (read_cbor(again) != value || !again.empty()) std::abort();
        // One byte less is never the same item.
        std::string_view cut = item.substr(0, item.size() - 1);
        if (read_cbor(cut) == value && cut.empty()) std::abort();
    }
    const WebauthnCeremony ceremony{.rp_id = "localhost", .origin = "https://localhost:7443", .challenge = "challenge"};
    constexpr std::string_view created =
        R"({"type":"webauthn.create","challenge":"Y2hhbGxlbmdl","origin":"https://localhost:7443"})";
    constexpr std::string_view got =
        R"({"type":"webauthn.get","challenge":"Y2hhbGxlbmdl","origin":"https://localhost:7443"})";
    if (const auto made = verify_registration(ceremony, created, text)) {
        if (made->credential_id.empty() || made->credential_id.size() > credential_id_bytes_max) std::abort();
        // Nobody holds its private key here.
        if (verify_assertion(ceremony, {.public_key = made->public_key},
                             {.client_data = got, .authenticator_data = text, .signature = text})) {
            std::abort();
        }
    }
    (void)verify_registration(ceremony, text, text);
    (void)verify_assertion(ceremony, {.public_key = text},
                           {.client_data = got, .authenticator_data = text, .signature = text});
    return 0;
}
