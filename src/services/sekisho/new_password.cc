#include "services/sekisho/new_password.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/authenticate.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "crypto/password.h"
#include "models/control.h"
#include "operation/work_pool.h"

namespace sekisho::control_service {
namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view symbols = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/";
constexpr std::size_t former_hashes_max = 2;  // with the current one: the last three

bool has_one_of(std::string_view text, std::string_view characters) {
    return text.find_first_of(characters) != std::string_view::npos;
}

bool was_used(const domain::Credentials& known, const Secret& password) {
    if (!known.password_hash.empty() && crypto::verify_password(known.password_hash.expose(), password)) return true;
    return std::ranges::any_of(known.former_password_hashes,
                               [&](const Secret& hash) { return crypto::verify_password(hash.expose(), password); });
}

}  // namespace

std::vector<std::string> password_problems(std::string_view password) {
    std::vector<std::string> problems;
    const auto length = count_code_points(password);
    if (length < limits::password_characters_min || length > limits::password_characters_max) {
        problems.push_back(fmt::format("The password must be {} to {} characters long.",
                                       limits::password_characters_min, limits::password_characters_max));
    }
    if (!has_one_of(password, lower)) problems.push_back("The password must contain a lowercase letter (a-z).");
    if (!has_one_of(password, upper)) problems.push_back("The password must contain an uppercase letter (A-Z).");
    if (!has_one_of(password, digits)) problems.push_back("The password must contain a number (0-9).");
    if (!has_one_of(password, symbols)) {
        problems.push_back(
            "The password must contain a non-alphanumeric character (~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/).");
    }
    return problems;
}

namespace {

struct Wanted {
    std::optional<Secret> current;  // to be shown first
    Secret password;
    std::optional<domain::Credentials> known;
    bool is_one_time = false;
};

// The slow part.
Result<NewPassword> make_new_password(const Wanted& wanted, NewPassword made) {
    if (wanted.current) {
        made.current_matches = crypto::verify_password(made.former_hash, *wanted.current);
        if (!made.current_matches) return made;
    }
    if (!made.problems.empty()) return made;
    if (wanted.known && was_used(*wanted.known, wanted.password)) {
        made.problems.push_back("The password must not be one of your last three passwords.");
        return made;
    }
    SEK_TRY(made.hash, crypto::hash_password(wanted.password, crypto::thread_random()));
    if (wanted.is_one_time) made.one_time = wanted.password.expose();
    return made;
}

void prepare(Wanted wanted, operation::PrepareDone done) {
    NewPassword made;
    made.problems = password_problems(wanted.password.expose());
    if (wanted.known) made.former_hash = wanted.known->password_hash.expose();
    if (!made.problems.empty() && !wanted.current) return done(operation::make_prepared(std::move(made)));
    operation::prepare_on(
        operation::password_pool(), std::move(done),
        [wanted = std::move(wanted), made = std::move(made)]() mutable -> Result<operation::Prepared> {
            SEK_TRY(auto result, make_new_password(wanted, std::move(made)));
            return operation::make_prepared(std::move(result));
        },
        control::errors::throttling_exception("Too many sign-ins at once. Try again shortly."));
}

}  // namespace

void prepare_new_password(std::string password, const std::optional<domain::Credentials>& known, bool is_one_time,
                          operation::PrepareDone done) {
    prepare({.current = {}, .password = Secret(std::move(password)), .known = known, .is_one_time = is_one_time},
            std::move(done));
}

void prepare_changed_password(std::string current, std::string password, const domain::Credentials& known,
                              operation::PrepareDone done) {
    prepare({.current = Secret(std::move(current)), .password = Secret(std::move(password)), .known = known},
            std::move(done));
}

std::string make_one_time_password(Random& random) {
    // 20 characters of 64, in groups to be read aloud; one of each class stands first. More than 100 bits.
    constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    return random_text(random, 1, "ABCDEFGHJKLMNPQRSTUVWXYZ") + random_text(random, 1, "abcdefghijkmnopqrstuvwxyz") +
           random_text(random, 1, "23456789") + random_text(random, 3, alphabet) + "-" +
           random_text(random, 6, alphabet) + "-" + random_text(random, 6, alphabet);
}

Result<void> set_password(operation::Call& call, const PersonId& person, const NewPassword& password,
                          bool change_required) {
    SEK_TRY(auto known, domain::credentials.get(call.tx, person));
    auto credentials = known.value_or(domain::Credentials{.person_id = person});
    if (credentials.password_hash.expose() != password.former_hash) {
        return control::errors::invalid_token_exception("The password was changed meanwhile. Start again.");
    }
    auto& former = credentials.former_password_hashes;
    if (!credentials.password_hash.empty()) former.insert(former.begin(), credentials.password_hash);
    if (former.size() > former_hashes_max) former.resize(former_hashes_max);
    credentials.password_hash = Secret(password.hash);
    credentials.change_required = change_required;
    credentials.changed_at = call.now;
    credentials.failures = 0;
    credentials.locked_until.reset();
    credentials.last_failure_at.reset();
    return domain::credentials.put(call.tx, credentials);
}

std::string password_stamp(const std::optional<domain::Credentials>& credentials) {
    return access::hash_of_secret(credentials ? credentials->password_hash.expose() : "").substr(0, 16);
}

}  // namespace sekisho::control_service
