#pragma once
// A house with an Identity Center and people, for this room's tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "crypto/totp.h"
#include "domain/mail.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "models/control.h"
#include "operation/testing.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {

inline const std::string good_password = "Quiet-Harbour-42!";

class People : public testing::Test {
 protected:
    explicit People(std::initializer_list<operation::TestHouse::RegisterOperations> services = {register_operations})
        : house(services) {
        center.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-1111222233334444");
        center.identity_store_id = store_id;
        center.owner_account_id = operation::TestHouse::account;
        center.organization_id = OrganizationId("o-exampleorgid");
        center.region = Region("us-east-1");
        center.status = "ACTIVE";
        center.created_at = house.clock().now();
        save_center();
        person = add_person("eksadmin", "eksadmin@example.com");
    }
    // A hash that was answered may still be putting its call away.
    ~People() override { wait_for_pools(); }

    template <class F>
    void write(F fill) {
        const auto done =
            house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> { return fill(tx); });
        ASSERT_TRUE(done) << done.error().message << done.error().cause;
    }
    void save_center() {
        write([&](store::Transaction& tx) { return domain::identity_centers.put(tx, center); });
    }
    domain::Person add_person(const std::string& name, const std::string& email) {
        domain::Person made;
        made.id = PersonId(random_uuid(system_random()));
        made.identity_store_id = store_id;
        made.user_name = name;
        made.display_name = "Person " + name;
        if (!email.empty()) made.emails = {{.value = email, .type = "work", .primary = true}};
        made.created_at = made.updated_at = house.clock().now();
        write([&](store::Transaction& tx) { return domain::people.put(tx, made); });
        return made;
    }
    domain::Person reload() {
        const auto snapshot = house.store().snapshot();
        return **domain::people.get(snapshot, store_id, person.id);
    }
    domain::Credentials credentials() {
        const auto snapshot = house.store().snapshot();
        return (*domain::credentials.get(snapshot, person.id)).value_or(domain::Credentials{});
    }
    void set_enabled(bool enabled) {
        auto changed = reload();
        changed.enabled = enabled;
        if (!enabled) ++changed.epoch;
        write([&](store::Transaction& tx) { return domain::people.put(tx, changed); });
    }
    void set_prompt(domain::MfaPrompt prompt, domain::MissingDevice missing) {
        center.mfa.prompt = prompt;
        center.mfa.missing_device = missing;
        save_center();
    }

    // The newest mail's text.
    std::string newest_mail(std::string_view kind) {
        std::string text;
        const auto snapshot = house.store().snapshot();
        (void)domain::mails.each(snapshot, store::prefix(), [&](const domain::Mail& mail) {
            if (mail.kind == kind) text = mail.text.expose();
            return true;
        });
        return text;
    }
    std::string newest_link_token(std::string_view kind) {
        const auto text = newest_mail(kind);
        const auto at = text.find("token=");
        return at == std::string::npos ? "" : text.substr(at + 6, text.find('\n', at) - at - 6);
    }

    template <class Op>
    Result<typename Op::Response> page(typename Op::Request request, access::Caller caller = {}) {
        return house.call<Op>(caller, std::move(request));
    }
    // Sets a password by invitation; with MFA never asked for.
    void give_password(const std::string& password = good_password) {
        const auto before = center.mfa;
        set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
        const auto invited = house.call<control::InviteUser>(
            house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
        ASSERT_TRUE(invited) << invited.error().message;
        const auto set = page<control::SetInvitedPassword>(
            {.token = newest_link_token("invitation"), .attempt_token = {}, .password = password});
        ASSERT_TRUE(set) << set.error().message;
        ASSERT_EQ(set->step, control::SignInStep::done);
        center.mfa = before;
        save_center();
    }
    Result<control::SubmitPasswordResponse> enter(const std::string& name, const std::string& password,
                                                  const std::string& address = "203.0.113.7",
                                                  std::optional<std::string> device_token = {}) {
        auto started = page<control::StartSignIn>({.user_name = name, .return_to = {}, .source_address = address});
        if (!started) return std::move(started).error();
        return page<control::SubmitPassword>({.attempt_token = *started->attempt_token,
                                              .password = password,
                                              .device_token = std::move(device_token),
                                              .source_address = address});
    }
    access::Caller signed_in(const std::string& session_token) {
        const auto snapshot = house.store().snapshot();
        const auto caller = access::authenticate_session(snapshot, session_token, house.clock().now());
        return caller ? *caller : access::Caller{};
    }
    bool is_alive(const std::string& session_token) {
        return signed_in(session_token).kind == access::CallerKind::person;
    }
    std::string code_of(const std::string& seed) {
        return crypto::totp_code(Secret(*decode_base32(seed)), crypto::totp_step(house.clock().now()));
    }
    // Enrols an app in a sign-in that asks for it; gives the seed.
    std::string enrol(const std::string& attempt_token) {
        const auto started = page<control::StartMfaEnrolment>(
            {.attempt_token = attempt_token, .type = control::MfaType::authenticator_app});
        EXPECT_TRUE(started) << started.error().message;
        const auto confirmed = page<control::ConfirmMfaEnrolment>({.enrolment_token = started->enrolment_token,
                                                                   .attempt_token = attempt_token,
                                                                   .code = code_of(*started->seed)});
        EXPECT_TRUE(confirmed) << confirmed.error().message;
        if (confirmed) session = confirmed->session_token.value_or("");
        return *started->seed;
    }

    const IdentityStoreId store_id{"d-1234567890"};
    operation::TestHouse house;
    domain::IdentityCenter center;
    domain::Person person;
    std::string session;
};

}  // namespace sekisho::control_service
