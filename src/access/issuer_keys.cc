#include "access/issuer_keys.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/oidc_discovery.h"

namespace sekisho::access {
namespace {

ApiError no_keys(std::string cause) {
    return {.code = std::string(issuer_has_no_keys),
            .message = "The issuer's keys cannot be had.",
            .cause = std::move(cause)};
}

ApiError not_reached(std::string cause) {
    return {.code = std::string(issuer_not_reached),
            .message = "The issuer's keys cannot be had.",
            .cause = std::move(cause)};
}

// Where the keys are, of a discovery document that is the issuer's own.
Result<std::string> keys_url(std::string_view document, const std::string& issuer) {
    const auto parsed = parse_json(document);
    if (!parsed) return no_keys("the discovery document is not JSON");
    if (find_text(*parsed, "issuer") != issuer) return no_keys("the discovery document is another issuer's");
    auto url = find_text(*parsed, "jwks_uri").value_or("");
    if (!url.starts_with("https://")) return no_keys("jwks_uri is not an https URL");
    return url;
}

bool has_key(const std::vector<crypto::PublicKey>& keys, const std::string& kid) {
    return kid.empty() || std::ranges::any_of(keys, [&](const auto& key) { return key.kid() == kid; });
}

}  // namespace

struct IssuerKeys::State : std::enable_shared_from_this<State> {
    struct Entry {
        Time fetched_at{};
        bool is_pending = false;
        std::vector<Done> waiting;
        std::optional<Result<Keys>> answer;  // nothing: not asked yet

        bool serves(const std::string& kid, Time now) const {
            if (is_pending || !answer) return false;
            const auto age = now - fetched_at;
            if (age < seconds(limits::oidc_retry_seconds)) return true;
            return *answer && has_key(***answer, kid) && age < seconds(limits::oidc_keys_seconds);
        }
    };

    explicit State(FetchDocument hook) : fetch(std::move(hook)) {}

    void make_room() {
        if (entries.size() < limits::oidc_issuers_kept_max) return;
        std::erase_if(entries, [](const auto& entry) { return !entry.second.is_pending; });
    }

    void start(const std::string& issuer, Time now) {
        const auto discovery = (issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer) +
                               std::string(crypto::oidc_configuration_path);
        fetch(discovery, [self = shared_from_this(), issuer, now](Result<std::string> document) {
            if (!document) return self->finish(issuer, now, not_reached(document.error().cause));
            auto url = keys_url(*document, issuer);
            if (!url) return self->finish(issuer, now, std::move(url).error());
            self->fetch(std::move(*url), [self, issuer, now](Result<std::string> set) {
                if (!set) return self->finish(issuer, now, not_reached(set.error().cause));
                auto keys = crypto::parse_jwk_set(*set);
                if (!keys) return self->finish(issuer, now, no_keys("what jwks_uri names is no JWK set"));
                self->finish(issuer, now, std::make_shared<const std::vector<crypto::PublicKey>>(std::move(*keys)));
            });
        });
    }

    void finish(const std::string& issuer, Time now, Result<Keys> keys) {
        if (!keys) log::warning("an issuer's keys are not there", {{"issuer", issuer}, {"cause", keys.error().cause}});
        std::vector<Done> waiting;
        {
            const std::lock_guard held(mutex);
            Entry& entry = entries[issuer];
            entry.is_pending = false;
            entry.fetched_at = now;
            entry.answer = keys;
            waiting.swap(entry.waiting);
        }
        for (auto& done : waiting) done(keys);
    }

    const FetchDocument fetch;
    std::mutex mutex;
    std::map<std::string, Entry> entries;
};

IssuerKeys::IssuerKeys(FetchDocument fetch) : state_(std::make_shared<State>(std::move(fetch))) {}

void IssuerKeys::get(const std::string& issuer, const std::string& kid, Time now, Done done) {
    std::optional<Result<Keys>> kept;
    {
        const std::lock_guard held(state_->mutex);
        if (!state_->entries.contains(issuer)) state_->make_room();
        auto& entry = state_->entries[issuer];
        if (entry.serves(kid, now)) {
            kept = entry.answer;
        } else {
            entry.waiting.push_back(std::move(done));
            if (std::exchange(entry.is_pending, true)) return;
        }
    }
    if (kept) return done(std::move(*kept));
    state_->start(issuer, now);
}

}  // namespace sekisho::access
