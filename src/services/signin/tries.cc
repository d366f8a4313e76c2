#include "services/signin/tries.h"

#include "base/limits.h"
#include "base/text.h"
#include "domain/cidr.h"
#include "domain/failures.h"
#include "models/signin.h"
#include "operation/work_pool.h"

namespace sekisho::signin_service {

using operation::Call;

std::string counted_user(std::string_view account, std::string_view user_name) {
    return store::key("iam-user", lower_ascii(account), lower_ascii(user_name));
}

std::string counted_root(std::string_view account) {
    return store::key("root-user", lower_ascii(account));
}

Result<void> check_locks(const Call& call, const std::string& counted) {
    for (const auto& key : {domain::counted_address(call.facts.source_address), counted}) {
        SEK_TRY(const bool is_locked, domain::is_locked_out(call.tx, key, call.now));
        if (is_locked) {
            return signin::errors::locked_exception("Too many failed attempts. Wait a while, then try again.");
        }
    }
    return {};
}

Result<void> count_failure(Call& call, const std::string& counted) {
    auto& tx = call.on_refusal();
    SEK_TRY(domain::count_wrong_guess(tx, domain::counted_address(call.facts.source_address),
                                      limits::address_failures_free, call.now));
    return domain::count_wrong_guess(tx, counted, limits::user_failures_free, call.now);
}

ApiError wrong_code() {
    return signin::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
}

void run_on_pool(operation::PrepareDone done, std::move_only_function<Result<operation::Prepared>()> work) {
    operation::prepare_on(operation::password_pool(), std::move(done), std::move(work),
                          signin::errors::throttling_exception("Too many sign-ins at once. Try again shortly."));
}

}  // namespace sekisho::signin_service
