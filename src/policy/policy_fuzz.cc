// A document that parses prints to itself, compiles, and is decided without and with explain alike; a JSON line always
// gets a JSON answer. A document comes as it is; a line is anything that starts with '{' too: both doors get each
// input.
#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "policy/decide.h"
#include "policy/decide_line.h"

namespace {

using namespace sekisho;
using namespace sekisho::policy;

class FuzzContext final : public Context {
 public:
    std::optional<ContextValues> find(std::string_view key) const override {
        if (key == "aws:username") return ContextValues(one_);
        if (key == "aws:tagkeys") return ContextValues(several_);
        if (key == "aws:currenttime") return ContextValues(time_);
        if (key == "aws:sourceip") return ContextValues(address_);
        if (key == "aws:securetransport") return ContextValues(flag_);
        if (key == "s3:max-keys") return ContextValues(number_);
        return {};
    }

 private:
    static constexpr std::string_view one_[] = {"a\xff*?:${x}"}, several_[] = {"a", "", "\xe9\x96\xa2"},
                                      time_[] = {"2026-01-01T00:00:00Z"}, address_[] = {"2001:db8::1"},
                                      flag_[] = {"true"}, number_[] = {"-12.5e3"};
};

void check(std::string_view text, Use use) {
    const auto document = parse(text, use);
    if (!document) {
        if (document.error().message.empty()) std::abort();
        return;
    }
    const auto printed = print(*document);
    const auto again = parse(printed, use);
    // The normal form may be longer than the limit that the text itself kept.
    if (!again ? printed.size() <= text.size() : !(*again == *document)) std::abort();
    const CompiledPolicy compiled(*document);
    const NamedPolicy named{"p", &compiled};
    const FuzzContext context;
    const Principal principal{.kind = PrincipalKind::role,
                              .arn = "arn:aws:sts::111111111111:assumed-role/r/s",
                              .account = "111111111111",
                              .issuer = "arn:aws:iam::111111111111:role/r",
                              .unique_id = {}};
    Layers layers;
    layers.identity = std::span(&named, 1);
    layers.boundary = std::span(&named, 1);
    if (use == Use::resource) layers.resource_policy = named;
    for (const std::string_view action : {"s3:GetObject", "iam:PassRole", "x"}) {
        const Request request{.principal = principal,
                              .action = action,
                              .resource = "arn:aws:s3:::bucket/a:b",
                              .resource_account = {},
                              .context = context};
        const auto plain = decide(request, layers);
        const auto explained = decide(request, layers, true);
        if (plain.outcome != explained.outcome || plain.layer != explained.layer) std::abort();
        if (plain.allowed() != denial_phrase(plain, action).empty()) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text, Use::identity);
    check(text, Use::resource);
    check(text, Use::trust);
    if (!parse_json(decide_line(text))) std::abort();
    return 0;
}
