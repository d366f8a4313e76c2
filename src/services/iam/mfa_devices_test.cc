#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/totp.h"
#include "domain/iam.h"
#include "domain/virtual_mfa.h"
#include "services/iam/testing.h"

namespace sekisho::iam_service {
namespace {

class MfaDevices : public IamTest {
 protected:
    // One with the seed that its creation told.
    struct Device {
        std::string serial_number;
        Secret seed;
    };
    Device make_device(const std::string& name, const std::string& path = "/") {
        const auto made = done<iam::CreateVirtualMFADevice>({.path = path, .virtual_mfa_device_name = name});
        const auto& device = made.virtual_mfa_device;
        return {device.serial_number, Secret(decode_base32(device.base32_string_seed.value()).value())};
    }
    // What the device's screen shows, `steps` of 30 s from now.
    std::string code(const Device& device, std::int64_t steps = 0) {
        return crypto::totp_code(device.seed, crypto::totp_step(house.clock().now()) + steps);
    }
    iam::EnableMFADeviceRequest enabling(const Device& device, const std::string& user, std::int64_t steps = 0) {
        return {.user_name = user,
                .serial_number = device.serial_number,
                .authentication_code1 = code(device, steps - 1),
                .authentication_code2 = code(device, steps)};
    }
    std::vector<std::string> listed(std::optional<iam::AssignmentStatusType> status) {
        std::vector<std::string> serial_numbers;
        for (const auto& device : done<iam::ListVirtualMFADevices>({.assignment_status = status}).virtual_mfa_devices) {
            EXPECT_FALSE(device.base32_string_seed || device.qr_code_png);
            serial_numbers.push_back(device.serial_number);
        }
        return serial_numbers;
    }
};

constexpr std::string_view ann_device = "arn:aws:iam::111222333444:mfa/team/ann";

TEST_F(MfaDevices, LiveFromCreationToDeletion) {
    make_user("ann");
    const auto device = make_device("ann", "/team/");
    EXPECT_EQ(device.serial_number, ann_device);
    EXPECT_EQ(device.seed.expose().size(), crypto::totp_seed_bytes);
    expect_error(refused<iam::CreateVirtualMFADevice>({.path = "/team/", .virtual_mfa_device_name = "ann"}),
                 "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.", 409);

    done<iam::EnableMFADevice>(enabling(device, "ann"));
    const auto owned = done<iam::ListMFADevices>({.user_name = "ann"}).mfa_devices;
    ASSERT_EQ(owned.size(), 1u);
    EXPECT_EQ(owned[0].user_name, "ann");
    EXPECT_EQ(owned[0].serial_number, ann_device);
    EXPECT_EQ(owned[0].enable_date, house.clock().now());
    EXPECT_EQ(done<iam::GetMFADevice>({.serial_number = device.serial_number, .user_name = "ann"}).enable_date,
              house.clock().now());
    const auto numbers = *done<iam::GetAccountSummary>({}).summary_map;
    EXPECT_EQ(numbers.at("MFADevices"), 1);
    EXPECT_EQ(numbers.at("MFADevicesInUse"), 1);

    expect_error(refused<iam::DeleteUser>({.user_name = "ann"}), "DeleteConflict",
                 "Cannot delete entity, must delete MFA device first.", 409);
    expect_error(refused<iam::DeleteVirtualMFADevice>({.serial_number = device.serial_number}), "DeleteConflict",
                 "MFA VirtualDevice in use. Must deactivate first.", 409);
    done<iam::DeactivateMFADevice>({.user_name = "ann", .serial_number = device.serial_number});
    done<iam::DeleteVirtualMFADevice>({.serial_number = device.serial_number});
    expect_error(refused<iam::DeleteVirtualMFADevice>({.serial_number = device.serial_number}), "NoSuchEntity",
                 "VirtualMFADevice with serial number arn:aws:iam::111222333444:mfa/team/ann doesn't exist.", 404);
    done<iam::DeleteUser>({.user_name = "ann"});
}

TEST_F(MfaDevices, FollowARenamedUser) {
    make_user("ann");
    const auto device = make_device("ann");
    done<iam::EnableMFADevice>(enabling(device, "ann"));
    done<iam::UpdateUser>({.user_name = "ann", .new_user_name = "anna"});
    EXPECT_EQ(done<iam::ListMFADevices>({.user_name = "anna"}).mfa_devices.at(0).user_name, "anna");
}

TEST_F(MfaDevices, AreListedByTheirStatus) {
    make_user("ann");
    const auto used = make_device("a");
    const auto unused = make_device("b");
    done<iam::EnableMFADevice>(enabling(used, "ann"));
    using Status = iam::AssignmentStatusType;
    EXPECT_EQ(listed({}), (std::vector{used.serial_number, unused.serial_number}));
    EXPECT_EQ(listed(Status::any), (std::vector{used.serial_number, unused.serial_number}));
    EXPECT_EQ(listed(Status::assigned), std::vector{used.serial_number});
    EXPECT_EQ(listed(Status::unassigned), std::vector{unused.serial_number});
    const auto shown = done<iam::ListVirtualMFADevices>({.assignment_status = Status::assigned}).virtual_mfa_devices;
    EXPECT_EQ(shown.at(0).user->user_name, "ann");
    EXPECT_EQ(shown.at(0).enable_date, house.clock().now());
}

TEST_F(MfaDevices, EnablingTakesTwoCodesInARow) {
    make_user("ann");
    const auto device = make_device("ann");
    for (const auto& [first, second] : {std::pair{0, 0}, {0, -1}, {-2, 0}, {-5, -4}, {4, 5}}) {
        expect_error(refused<iam::EnableMFADevice>({.user_name = "ann",
                                                    .serial_number = device.serial_number,
                                                    .authentication_code1 = code(device, first),
                                                    .authentication_code2 = code(device, second)}),
                     "InvalidAuthenticationCode", "Authentication code for device is not valid.", 403);
    }
    EXPECT_TRUE(done<iam::ListMFADevices>({.user_name = "ann"}).mfa_devices.empty());
}

TEST_F(MfaDevices, WrongCodesLockForAWhile) {
    make_user("ann");
    const auto device = make_device("ann");
    auto wrong = enabling(device, "ann");
    wrong.authentication_code2 = code(device, 100);
    for (int i = 0; i < limits::user_failures_free; ++i) {
        EXPECT_EQ(refused<iam::EnableMFADevice>(wrong).code, "InvalidAuthenticationCode");
    }
    const auto locked = refused<iam::EnableMFADevice>(enabling(device, "ann"));
    EXPECT_EQ(locked.code, "EntityTemporarilyUnmodifiable");
    EXPECT_EQ(locked.http_status, 409);
    house.clock().advance(seconds(limits::lock_seconds_first));
    done<iam::EnableMFADevice>(enabling(device, "ann"));
}

TEST_F(MfaDevices, ResyncLearnsTheClockOfTheDevice) {
    make_user("ann");
    const auto device = make_device("ann");
    done<iam::EnableMFADevice>(enabling(device, "ann"));
    house.clock().advance(hours(1));
    const auto resync = [&](std::int64_t steps) {
        const auto codes = enabling(device, "ann", steps);
        return iam::ResyncMFADeviceRequest{.user_name = "ann",
                                           .serial_number = device.serial_number,
                                           .authentication_code1 = codes.authentication_code1,
                                           .authentication_code2 = codes.authentication_code2};
    };
    EXPECT_EQ(refused<iam::ResyncMFADevice>(resync(limits::mfa_resync_steps_max + 1)).code,
              "InvalidAuthenticationCode");
    done<iam::ResyncMFADevice>(resync(12));
    EXPECT_EQ(refused<iam::ResyncMFADevice>(resync(12)).code, "InvalidAuthenticationCode") << "the codes were used";
    const auto read = [&] {
        return **domain::find_virtual_mfa(house.store().snapshot(), operation::TestHouse::account,
                                          device.serial_number);
    };
    EXPECT_EQ(read().clock_steps, 12);
    house.clock().advance(minutes(1));
    auto known = read();
    EXPECT_TRUE(domain::use_code(known, code(device, 12), house.clock().now()));
    EXPECT_FALSE(domain::use_code(known, code(device, 0), house.clock().now()));
}

TEST_F(MfaDevices, WhoTypesSlowlyHasNoSlowClock) {
    make_user("ann");
    const auto device = make_device("ann");
    done<iam::EnableMFADevice>(enabling(device, "ann", -2));
    auto known =
        **domain::find_virtual_mfa(house.store().snapshot(), operation::TestHouse::account, device.serial_number);
    EXPECT_TRUE(domain::use_code(known, code(device), house.clock().now()));
    EXPECT_EQ(known.clock_steps, 0);
    EXPECT_FALSE(domain::use_code(known, code(device, 2), house.clock().now()));
}

TEST_F(MfaDevices, BelongToOneUser) {
    make_user("ann");
    make_user("bob");
    const auto device = make_device("ann");
    done<iam::EnableMFADevice>(enabling(device, "ann"));
    house.clock().advance(minutes(2));
    EXPECT_EQ(refused<iam::EnableMFADevice>(enabling(device, "bob")).code, "EntityAlreadyExists");
    for (const auto& error :
         {refused<iam::DeactivateMFADevice>({.user_name = "bob", .serial_number = device.serial_number}),
          refused<iam::GetMFADevice>({.serial_number = device.serial_number, .user_name = "bob"})}) {
        expect_error(error, "NoSuchEntity", "MFA Device invalid for user.", 404);
    }
}

TEST_F(MfaDevices, AUserHasEightAtMost) {
    make_user("ann");
    for (std::size_t i = 0; i < limits::mfa_devices_of_user_max; ++i) {
        done<iam::EnableMFADevice>(enabling(make_device("d" + std::to_string(i)), "ann"));
    }
    expect_error(refused<iam::EnableMFADevice>(enabling(make_device("one-more"), "ann")), "LimitExceeded",
                 "Cannot exceed quota for MFADevicesPerUser: 8", 409);
}

TEST_F(MfaDevices, HaveTags) {
    const auto made = done<iam::CreateVirtualMFADevice>({.virtual_mfa_device_name = "d", .tags = {{{"a", "1"}}}});
    const auto serial_number = made.virtual_mfa_device.serial_number;
    EXPECT_EQ(made.virtual_mfa_device.tags->at(0).key, "a");
    done<iam::TagMFADevice>({.serial_number = serial_number, .tags = {{"b", "2"}}});
    done<iam::UntagMFADevice>({.serial_number = serial_number, .tag_keys = {"a"}});
    const auto tags = done<iam::ListMFADeviceTags>({.serial_number = serial_number}).tags;
    ASSERT_EQ(tags.size(), 1u);
    EXPECT_EQ(tags[0].value, "2");
}

TEST_F(MfaDevices, SerialNumbersFitEverywhere) {
    const auto error = refused<iam::CreateVirtualMFADevice>({.virtual_mfa_device_name = std::string(300, 'x')});
    EXPECT_EQ(error.code, "ValidationError");
    EXPECT_TRUE(error.message.ends_with("Member must have length less than or equal to 226")) << error.message;
    make_device(std::string(226, 'x'));
}

TEST_F(MfaDevices, ARefusedCallerLearnsNothing) {
    make_user("ann");
    const auto device = make_device("ann");
    done<iam::EnableMFADevice>(enabling(device, "ann"));
    const auto nobody = house.user("nobody", "");
    const auto delete_as_nobody = [&](const std::string& serial_number) {
        return house.call<iam::DeleteVirtualMFADevice>(nobody, {.serial_number = serial_number}).error();
    };
    expect_error(delete_as_nobody(device.serial_number), "AccessDenied",
                 "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: iam:DeleteVirtualMFADevice "
                 "on resource: arn:aws:iam::111222333444:mfa/ann because no identity-based policy allows the "
                 "iam:DeleteVirtualMFADevice action",
                 403);
    EXPECT_EQ(delete_as_nobody("arn:aws:iam::111222333444:mfa/none").code, "AccessDenied");
    const auto wrong = house.call<iam::EnableMFADevice>(nobody, enabling(device, "ann")).error();
    EXPECT_EQ(wrong.code, "AccessDenied");
    EXPECT_EQ(house.call<iam::ListVirtualMFADevices>(nobody, {}).error().message,
              "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: iam:ListVirtualMFADevices on "
              "resource: arn:aws:iam::111222333444:mfa/ because no identity-based policy allows the "
              "iam:ListVirtualMFADevices action");
}

TEST_F(MfaDevices, OfAnotherAccountAreUnknown) {
    const auto device = make_device("ann");
    const auto stranger = house.user("admin",
                                     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",)"
                                     R"("Resource":"*"}]})",
                                     AccountId("999888777666"));
    EXPECT_EQ(house.call<iam::DeleteVirtualMFADevice>(stranger, {.serial_number = device.serial_number}).error().code,
              "NoSuchEntity");
}

class RootDevices : public MfaDevices {
 protected:
    RootDevices() {
        root.kind = access::CallerKind::root;
        root.account_id = operation::TestHouse::account;
        root.principal_id = domain::root_principal(root.account_id);
        root.arn = root.principal_arn = "arn:aws:iam::111222333444:root";
        root.user_id = root.account_id.str();
        root.issued_at = house.clock().now();
    }
    template <class Op>
    Result<typename Op::Response> as_root(typename Op::Request request) {
        return house.call<Op>(root, std::move(request));
    }
    std::map<std::string, std::int32_t> summary() { return *done<iam::GetAccountSummary>({}).summary_map; }

    access::Caller root;
};

TEST_F(RootDevices, AreManagedByTheRootUserItself) {
    EXPECT_EQ(summary().at("AccountMFAEnabled"), 0);
    const auto device = make_device("root-account-mfa-device");
    const auto enabled = as_root<iam::EnableMFADevice>(enabling(device, "111222333444"));
    ASSERT_TRUE(enabled) << enabled.error().message;
    EXPECT_EQ(summary().at("AccountMFAEnabled"), 1);
    EXPECT_EQ(summary().at("MFADevicesInUse"), 1);
    const auto listed_devices = as_root<iam::ListMFADevices>({});
    ASSERT_EQ(listed_devices->mfa_devices.size(), 1U);
    EXPECT_EQ(listed_devices->mfa_devices[0].user_name, "111222333444");
    const auto all = done<iam::ListVirtualMFADevices>({}).virtual_mfa_devices;
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].user->arn, "arn:aws:iam::111222333444:root");
    EXPECT_EQ(all[0].user->user_id, "111222333444");

    // Not by others, whoever they name.
    make_user("ann");
    for (const auto& name : {std::optional<std::string>(), std::optional<std::string>("ann"),
                             std::optional<std::string>("111222333444")}) {
        EXPECT_EQ(refused<iam::DeactivateMFADevice>({.user_name = name, .serial_number = device.serial_number}).code,
                  "NoSuchEntity");
    }
    EXPECT_EQ(refused<iam::DeleteVirtualMFADevice>({.serial_number = device.serial_number}).code, "DeleteConflict");
    ASSERT_TRUE(as_root<iam::DeactivateMFADevice>({.serial_number = device.serial_number}));
    EXPECT_EQ(summary().at("AccountMFAEnabled"), 0);
    EXPECT_TRUE(as_root<iam::DeleteVirtualMFADevice>({.serial_number = device.serial_number}));
}

TEST_F(RootDevices, AUserOfThatNameGoesBefore) {
    done<iam::CreateAccountAlias>({.account_alias = "harbour"});
    make_user("harbour");
    const auto device = make_device("harbour");
    ASSERT_TRUE(as_root<iam::EnableMFADevice>(enabling(device, "harbour")));
    EXPECT_EQ(summary().at("AccountMFAEnabled"), 0);
    EXPECT_EQ(done<iam::ListMFADevices>({.user_name = "harbour"}).mfa_devices.size(), 1U);
}

TEST_F(RootDevices, ThePasswordIsSeenAndIsNobodysToChangeHere) {
    EXPECT_EQ(summary().at("AccountPasswordPresent"), 0);
    domain::LoginProfile profile;
    profile.account_id = root.account_id;
    profile.password_hash = Secret("hash");
    profile.root_last_used = house.clock().now();
    ASSERT_TRUE(house.store().commit_and_wait(
        [&](store::Transaction& tx) -> Result<void> { return domain::login_profiles.put(tx, profile); }));
    EXPECT_EQ(summary().at("AccountPasswordPresent"), 1);
    EXPECT_EQ(as_root<iam::GetUser>({})->user.password_last_used, house.clock().now());
    EXPECT_EQ(
        as_root<iam::ChangePassword>({.old_password = "a-password-1A", .new_password = "b-password-1A"}).error().code,
        "InvalidUserType");
    EXPECT_EQ(as_root<iam::GetLoginProfile>({}).error().message, "Must specify userName when calling with root");
    EXPECT_EQ(as_root<iam::DeleteLoginProfile>({}).error().message, "Must specify userName when calling with root");
    EXPECT_EQ(summary().at("AccountPasswordPresent"), 1);
}

}  // namespace
}  // namespace sekisho::iam_service
