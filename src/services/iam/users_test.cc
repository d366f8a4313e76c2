#include "access/authenticate.h"
#include "crypto/password.h"
#include "domain/iam_password.h"
#include "services/iam/testing.h"

namespace sekisho::iam_service {
namespace {

class Users : public IamTest {};

TEST_F(Users, AreMadeShownAndDeleted) {
    const auto made = make_user("Alice", "/team/");
    EXPECT_EQ(made.arn, "arn:aws:iam::111222333444:user/team/Alice");
    EXPECT_TRUE(made.user_id.starts_with("AIDA"));
    EXPECT_EQ(made.create_date, house.clock().now());
    EXPECT_EQ(done<iam::GetUser>({.user_name = "alice"}).user.user_id, made.user_id);
    expect_error(refused<iam::CreateUser>({.user_name = "ALICE"}), "EntityAlreadyExists",
                 "User with name ALICE already exists.", 409);
    done<iam::DeleteUser>({.user_name = "Alice"});
    expect_error(refused<iam::GetUser>({.user_name = "Alice"}), "NoSuchEntity",
                 "The user with name Alice cannot be found.", 404);
}

TEST_F(Users, CallerIsMeantWithoutAName) {
    EXPECT_EQ(done<iam::GetUser>({}).user.user_name, "admin");
    make_role("r");
    const auto document = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
    done<iam::PutRolePolicy>({.role_name = "r", .policy_name = "p", .policy_document = document});
    const auto session = house.role_session(operation::TestHouse::account, "r", "s");
    expect_error(house.call<iam::GetUser>(session, {}).error(), "ValidationError",
                 "Must specify userName when calling with non-User credentials", 400);
}

TEST_F(Users, ListIsPagedAndFilteredByPath) {
    for (int i = 0; i < 5; ++i) make_user("u" + std::to_string(i), i % 2 == 0 ? "/a/" : "/b/");
    std::vector<std::string> seen;
    std::optional<std::string> marker;
    int pages = 0;
    do {
        const auto page = done<iam::ListUsers>({.path_prefix = "/a/", .marker = marker, .max_items = 2});
        for (const auto& user : page.users) seen.push_back(user.user_name);
        EXPECT_EQ(*page.is_truncated, page.marker.has_value());
        if (page.marker) EXPECT_LE(page.marker->size(), 320u);
        marker = page.marker;
        ++pages;
    } while (marker && pages < 10);
    EXPECT_EQ(seen, (std::vector<std::string>{"u0", "u2", "u4"}));
    EXPECT_GE(pages, 2);
    expect_error(refused<iam::ListUsers>({.marker = "rubbish"}), "ValidationError", "Invalid Marker.", 400);
}

// A marker of one list is none of another.
TEST_F(Users, MarkersAreBoundToTheirList) {
    for (const char* name : {"a1", "a2", "a3"}) make_user(name);
    const auto page = done<iam::ListUsers>({.max_items = 1});
    ASSERT_TRUE(page.marker.has_value());
    EXPECT_EQ(refused<iam::ListRoles>({.marker = page.marker}).code, "ValidationError");
    EXPECT_EQ(refused<iam::ListUsers>({.path_prefix = "/x/", .marker = page.marker}).code, "ValidationError");
}

TEST_F(Users, RenameTakesEverythingAlong) {
    make_user("old");
    const auto key = done<iam::CreateAccessKey>({.user_name = "old"}).access_key;
    done<iam::CreateLoginProfile>({.user_name = "old", .password = "Quiet-Harbour-42!"});
    done<iam::AttachUserPolicy>({.user_name = "old", .policy_arn = std::string(view_only)});
    done<iam::CreateGroup>({.group_name = "g"});
    done<iam::AddUserToGroup>({.group_name = "g", .user_name = "old"});
    done<iam::UpdateUser>({.user_name = "old", .new_path = "/n/", .new_user_name = "new"});

    EXPECT_EQ(refused<iam::GetUser>({.user_name = "old"}).code, "NoSuchEntity");
    EXPECT_EQ(done<iam::GetUser>({.user_name = "new"}).user.arn, "arn:aws:iam::111222333444:user/n/new");
    const auto keys = done<iam::ListAccessKeys>({.user_name = "new"}).access_key_metadata;
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_EQ(keys[0].access_key_id, key.access_key_id);
    EXPECT_EQ(done<iam::GetLoginProfile>({.user_name = "new"}).login_profile.user_name, "new");
    EXPECT_EQ(done<iam::ListGroupsForUser>({.user_name = "new"}).groups.size(), 1u);
    EXPECT_EQ(done<iam::GetGroup>({.group_name = "g"}).users.at(0).user_name, "new");
    const auto users = *done<iam::ListEntitiesForPolicy>({.policy_arn = std::string(view_only)}).policy_users;
    ASSERT_EQ(users.size(), 1u);
    EXPECT_EQ(users[0].user_name, "new");
}

TEST_F(Users, DeletionWaitsForWhatTheyHold) {
    make_user("u");
    const auto must = [&](const std::string& what) {
        expect_error(refused<iam::DeleteUser>({.user_name = "u"}), "DeleteConflict",
                     "Cannot delete entity, must " + what + " first.", 409);
    };
    done<iam::CreateLoginProfile>({.user_name = "u", .password = "Quiet-Harbour-42!"});
    must("delete login profile");
    done<iam::DeleteLoginProfile>({.user_name = "u"});
    const auto key = done<iam::CreateAccessKey>({.user_name = "u"}).access_key;
    must("delete access keys");
    done<iam::DeleteAccessKey>({.user_name = "u", .access_key_id = key.access_key_id});
    done<iam::CreateGroup>({.group_name = "g"});
    done<iam::AddUserToGroup>({.group_name = "g", .user_name = "u"});
    must("remove users from group");
    expect_error(refused<iam::DeleteGroup>({.group_name = "g"}), "DeleteConflict",
                 "Cannot delete entity, must remove users from group first.", 409);
    done<iam::RemoveUserFromGroup>({.group_name = "g", .user_name = "u"});
    done<iam::AttachUserPolicy>({.user_name = "u", .policy_arn = std::string(view_only)});
    must("detach all policies");
    done<iam::DetachUserPolicy>({.user_name = "u", .policy_arn = std::string(view_only)});
    done<iam::PutUserPolicy>({.user_name = "u", .policy_name = "p", .policy_document = std::string(allows_lists)});
    must("delete policies");
    done<iam::DeleteUserPolicy>({.user_name = "u", .policy_name = "p"});
    done<iam::DeleteUser>({.user_name = "u"});
    done<iam::DeleteGroup>({.group_name = "g"});
}

TEST_F(Users, TagsAreUniqueIgnoringCase) {
    make_user("u");
    done<iam::TagUser>({.user_name = "u", .tags = {{"Team", "a"}, {"Env", "x"}}});
    done<iam::TagUser>({.user_name = "u", .tags = {{"team", "b"}}});
    const auto tags = done<iam::ListUserTags>({.user_name = "u"}).tags;
    ASSERT_EQ(tags.size(), 2u);
    EXPECT_EQ(tags[1].key, "Team");
    EXPECT_EQ(tags[1].value, "b");
    done<iam::UntagUser>({.user_name = "u", .tag_keys = {"TEAM"}});
    EXPECT_EQ(done<iam::ListUserTags>({.user_name = "u"}).tags.size(), 1u);
    expect_error(refused<iam::TagUser>({.user_name = "u", .tags = {{"k", "1"}, {"K", "2"}}}), "InvalidInput",
                 "Duplicate tag keys found. Please note that Tag keys are case insensitive.", 400);
}

TEST_F(Users, HaveTwoAccessKeysAtMost) {
    make_user("u");
    const auto first = done<iam::CreateAccessKey>({.user_name = "u"}).access_key;
    EXPECT_TRUE(first.access_key_id.starts_with("AKIA"));
    EXPECT_EQ(first.secret_access_key.size(), 40u);
    done<iam::CreateAccessKey>({.user_name = "u"});
    expect_error(refused<iam::CreateAccessKey>({.user_name = "u"}), "LimitExceeded",
                 "Cannot exceed quota for AccessKeysPerUser: 2", 409);
    done<iam::UpdateAccessKey>(
        {.user_name = "u", .access_key_id = first.access_key_id, .status = iam::StatusType::inactive});
    const auto keys = done<iam::ListAccessKeys>({.user_name = "u"}).access_key_metadata;
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(std::ranges::count(keys, iam::StatusType::inactive, &iam::AccessKeyMetadata::status), 1);
    EXPECT_EQ(done<iam::GetAccessKeyLastUsed>({.access_key_id = first.access_key_id}).access_key_last_used->region,
              "N/A");
    // Another user's key is not this user's.
    make_user("v");
    expect_error(refused<iam::DeleteAccessKey>({.user_name = "v", .access_key_id = first.access_key_id}),
                 "NoSuchEntity", "The Access Key with id " + first.access_key_id + " cannot be found.", 404);
}

TEST_F(Users, PasswordsAreHashedAndFollowTheRules) {
    make_user("u");
    expect_error(refused<iam::CreateLoginProfile>({.user_name = "u", .password = "weak"}), "PasswordPolicyViolation",
                 "Password does not conform to the account password policy.", 400);
    done<iam::CreateLoginProfile>({.user_name = "u", .password = "Quiet-Harbour-42!"});
    const auto profile =
        domain::login_profiles.get(house.store().snapshot(), operation::TestHouse::account, "u").value();
    ASSERT_TRUE(profile.has_value());
    EXPECT_TRUE(crypto::verify_password(profile->password_hash.expose(), Secret(std::string("Quiet-Harbour-42!"))));
    expect_error(refused<iam::CreateLoginProfile>({.user_name = "u", .password = "Quiet-Harbour-42!"}),
                 "EntityAlreadyExists", "Login Profile for user u already exists.", 409);
    done<iam::UpdateAccountPasswordPolicy>({.minimum_password_length = 30});
    EXPECT_EQ(refused<iam::UpdateLoginProfile>({.user_name = "u", .password = "Quiet-Harbour-42!"}).code,
              "PasswordPolicyViolation");
    done<iam::DeleteAccountPasswordPolicy>({});
    EXPECT_EQ(refused<iam::GetAccountPasswordPolicy>({}).message,
              "The Password Policy with domain name 111222333444 cannot be found.");
}

TEST_F(Users, ChangeTheirOwnPassword) {
    const auto bob = house.user(
        "bob",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}]})");
    done<iam::CreateLoginProfile>(
        {.user_name = "bob", .password = "Quiet-Harbour-42!", .password_reset_required = true});
    const auto wrong =
        house.call<iam::ChangePassword>(bob, {.old_password = "Loud-Harbour-42!", .new_password = "Other-Harbour-43!"});
    EXPECT_EQ(wrong.error().message, "The old password was incorrect.");
    const auto changed = house.call<iam::ChangePassword>(
        bob, {.old_password = "Quiet-Harbour-42!", .new_password = "Other-Harbour-43!"});
    EXPECT_TRUE(changed.has_value());
    EXPECT_EQ(done<iam::GetLoginProfile>({.user_name = "bob"}).login_profile.password_reset_required, false);
}

// The current password and the N before it. Those of before the policy are not known.
TEST_F(Users, PasswordsDoNotComeAgainWhereThePolicyRemembersThem) {
    make_user("u");
    const auto password = [](int number) { return "Quiet-Harbour-" + std::to_string(number); };
    const auto set = [&](int number) {
        return as_admin<iam::UpdateLoginProfile>({.user_name = "u", .password = password(number)});
    };
    done<iam::CreateLoginProfile>({.user_name = "u", .password = password(0)});
    EXPECT_TRUE(set(0));
    EXPECT_TRUE(set(1));
    done<iam::UpdateAccountPasswordPolicy>({.password_reuse_prevention = 2});
    expect_error(set(1).error(), "PasswordPolicyViolation",
                 "Policy constraint violation with password reuse prevention during password change.", 400);
    for (const int number : {0, 2, 3}) EXPECT_TRUE(set(number));
    for (const int number : {0, 2, 3}) EXPECT_FALSE(set(number)) << number;
    EXPECT_TRUE(set(1));
    EXPECT_TRUE(set(0));

    const auto profile = [&] {
        return *domain::login_profiles.get(house.store().snapshot(), operation::TestHouse::account, "u").value();
    };
    ASSERT_EQ(profile().former_password_hashes.size(), 2u);
    EXPECT_TRUE(crypto::verify_password(profile().former_password_hashes[0].expose(), Secret(password(1))));
    EXPECT_TRUE(crypto::verify_password(profile().former_password_hashes[1].expose(), Secret(password(3))));
    done<iam::DeleteAccountPasswordPolicy>({});
    EXPECT_TRUE(set(0));
    EXPECT_TRUE(profile().former_password_hashes.empty());
}

TEST_F(Users, AnOwnChangeMeetsTheRememberedPasswordsToo) {
    const auto bob = house.user("bob", "");
    done<iam::CreateLoginProfile>({.user_name = "bob", .password = "Quiet-Harbour-42!"});
    const auto change = [&](const std::string& from, const std::string& to) {
        return house.call<iam::ChangePassword>(bob, {.old_password = from, .new_password = to});
    };
    EXPECT_EQ(change("Quiet-Harbour-42!", "Other-Harbour-43!").error().code, "AccessDenied");
    EXPECT_EQ(house.call<iam::GetAccountPasswordPolicy>(bob, {}).error().code, "AccessDenied");
    // The account's policy lets its users: no policy of their own is needed.
    done<iam::UpdateAccountPasswordPolicy>({.allow_users_to_change_password = true, .password_reuse_prevention = 24});
    EXPECT_EQ(house.call<iam::GetAccountPasswordPolicy>(bob, {})->password_policy.password_reuse_prevention, 24);
    EXPECT_EQ(house.call<iam::GetLoginProfile>(bob, {}).error().code, "AccessDenied");
    // Whoever does not know the password learns nothing of former ones.
    EXPECT_EQ(change("Loud-Harbour-42!", "Quiet-Harbour-42!").error().message, "The old password was incorrect.");
    EXPECT_EQ(change("Quiet-Harbour-42!", "Quiet-Harbour-42!").error().code, "PasswordPolicyViolation");
    EXPECT_TRUE(change("Quiet-Harbour-42!", "Other-Harbour-43!"));
    EXPECT_EQ(change("Other-Harbour-43!", "Quiet-Harbour-42!").error().code, "PasswordPolicyViolation");
    EXPECT_TRUE(change("Other-Harbour-43!", "Third-Harbour-44!"));
    // A policy at the user that denies it wins.
    done<iam::PutUserPolicy>({.user_name = "bob",
                              .policy_name = "p",
                              .policy_document = R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny",)"
                                                 R"("Action":"iam:ChangePassword","Resource":"*"}]})"});
    EXPECT_EQ(change("Third-Harbour-44!", "Fourth-Harbour-45!").error().code, "AccessDenied");
}

TEST_F(Users, APasswordsAgeBeginsAnewWithEachPassword) {
    const auto bob = house.user(
        "bob",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}]})");
    const auto changed_at = [&] {
        const auto profile = domain::login_profiles.get(house.store().snapshot(), operation::TestHouse::account, "bob");
        return domain::password_changed_at(**profile);
    };
    done<iam::CreateLoginProfile>({.user_name = "bob", .password = "Quiet-Harbour-42!"});
    const auto made = house.clock().now();
    EXPECT_EQ(changed_at(), made);
    house.clock().advance(hours(1));
    done<iam::UpdateLoginProfile>({.user_name = "bob", .password_reset_required = true});
    EXPECT_EQ(changed_at(), made);
    done<iam::UpdateLoginProfile>({.user_name = "bob", .password = "Other-Harbour-43!"});
    EXPECT_EQ(changed_at(), house.clock().now());
    house.clock().advance(days(2));
    // A password that has expired does not stop access keys, nor the change by them, even where the console refuses it.
    done<iam::UpdateAccountPasswordPolicy>({.max_password_age = 1, .hard_expiry = true});
    EXPECT_TRUE(house.call<iam::ChangePassword>(
        bob, {.old_password = "Other-Harbour-43!", .new_password = "Third-Harbour-44!"}));
    EXPECT_EQ(changed_at(), house.clock().now());
    EXPECT_EQ(done<iam::GetLoginProfile>({.user_name = "bob"}).login_profile.create_date, made);
    const auto shown = done<iam::GetAccountPasswordPolicy>({}).password_policy;
    EXPECT_EQ(shown.expire_passwords, true);
    EXPECT_EQ(shown.max_password_age, 1);
    EXPECT_EQ(shown.hard_expiry, true);
    done<iam::UpdateAccountPasswordPolicy>({});
    EXPECT_EQ(done<iam::GetAccountPasswordPolicy>({}).password_policy.expire_passwords, false);
}

TEST_F(Users, RefusalsDoNotTellWhoExists) {
    make_user("known");
    const auto nobody = house.user("nobody", "");
    const auto known = house.call<iam::GetUser>(nobody, {.user_name = "known"}).error();
    const auto unknown = house.call<iam::GetUser>(nobody, {.user_name = "other"}).error();
    expect_error(known, "AccessDenied",
                 "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: iam:GetUser on resource: "
                 "user known because no identity-based policy allows the iam:GetUser action",
                 403);
    EXPECT_EQ(unknown.code, known.code);
    EXPECT_EQ(unknown.message,
              "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: iam:GetUser on resource: "
              "user other because no identity-based policy allows the iam:GetUser action");
}

// Authorization reads the stored path, tags and group memberships.
TEST_F(Users, PermissionsFollowPathTagsAndGroups) {
    make_user("u", "/team/");
    const auto bob = house.user("bob", "");
    const auto may = [&] { return house.call<iam::GetUser>(bob, {.user_name = "u"}).has_value(); };
    EXPECT_FALSE(may());
    done<iam::CreateGroup>({.group_name = "readers"});
    done<iam::PutGroupPolicy>({.group_name = "readers",
                               .policy_name = "p",
                               .policy_document =
                                   R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser",)"
                                   R"("Resource":"arn:aws:iam::111222333444:user/team/*",)"
                                   R"("Condition":{"StringEquals":{"aws:ResourceTag/open":"yes"}}}]})"});
    done<iam::AddUserToGroup>({.group_name = "readers", .user_name = "bob"});
    EXPECT_FALSE(may());
    done<iam::TagUser>({.user_name = "u", .tags = {{"open", "yes"}}});
    EXPECT_TRUE(may());
    done<iam::RemoveUserFromGroup>({.group_name = "readers", .user_name = "bob"});
    EXPECT_FALSE(may());
}

}  // namespace
}  // namespace sekisho::iam_service
