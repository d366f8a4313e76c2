#include "services/signin/root_account.h"

#include "base/text.h"

namespace sekisho::signin_service {

Result<std::optional<domain::Account>> find_root_account(const store::Reader& reader, std::string_view email) {
    SEK_TRY(auto account, domain::accounts.get_by(reader, domain::accounts_by_email, lower_ascii(trim(email))));
    if (!account || account->state != domain::AccountState::active) return std::optional<domain::Account>();
    return std::move(account);
}

}  // namespace sekisho::signin_service
