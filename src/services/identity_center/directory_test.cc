#include <gmock/gmock.h>

#include "domain/sessions.h"
#include "services/identity_center/test_center.h"

namespace sekisho::identity_center_service {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Directory = CenterTest;

identitystore::AlternateIdentifier by(const std::string& path, const std::string& json) {
    identitystore::AlternateIdentifier identifier;
    identifier.unique_attribute = identitystore::UniqueAttribute{.attribute_path = path, .attribute_value = json};
    return identifier;
}

TEST_F(Directory, IdsCarryTheirStore) {
    const auto made = must<identitystore::CreateUser>(user_request("EksAdmin"));
    EXPECT_EQ(made.user_id.substr(0, 10), identity_store.substr(2));
    EXPECT_EQ(made.user_id.size(), 47u);
    EXPECT_EQ(made.user_arn, "arn:aws:identitystore:::user/" + made.user_id);
    EXPECT_EQ(made.revision, "1");
    const auto user = must<identitystore::DescribeUser>(
        {.identity_store_id = identity_store, .user_id = made.user_arn, .extensions = {}});
    EXPECT_EQ(user.user_name, "EksAdmin");
    EXPECT_EQ(user.name->given_name, "Some");
    EXPECT_EQ(user.user_status, identitystore::UserStatus::enabled);
    EXPECT_EQ(user.emails->front().value, "EksAdmin@example.com");
}

TEST_F(Directory, NamesThatLookAlikeAreTaken) {
    make_user("EksAdmin");
    for (const char* name : {"eksadmin", "\uff25\uff4bsAdmin"}) {
        auto request = user_request(name);
        request.emails.reset();
        const auto error = refused<identitystore::CreateUser>(request);
        EXPECT_EQ(error.code, "ConflictException");
        EXPECT_EQ(error.message, "Duplicate UserName");
        EXPECT_THAT(error.fields, ElementsAre(Pair("Reason", "UNIQUENESS_CONSTRAINT_VIOLATION")));
    }
    auto same_mail = user_request("other");
    same_mail.emails->front().value = "EKSADMIN@example.com";
    EXPECT_EQ(refused<identitystore::CreateUser>(same_mail).message, "Duplicate Email");

    make_group("Team");
    identitystore::CreateGroupRequest group{.identity_store_id = identity_store};
    group.display_name = "TEAM";
    EXPECT_EQ(refused<identitystore::CreateGroup>(group).message, "Duplicate GroupDisplayName");
}

TEST_F(Directory, PeopleAndGroupsAreFoundWhileOneTypes) {
    const auto named = [&](const std::string& user, const std::string& given, const std::string& family) {
        auto request = user_request(user);
        request.display_name = given + " " + family;
        request.name = identitystore::Name{.family_name = family, .given_name = given};
        return must<identitystore::CreateUser>(request).user_id;
    };
    const auto anna = named("anna.s", "Anna", "Schmidt");
    named("bert", "Bert", "Schmidtbauer");
    named("taro", "\u592a\u90ce", "\u5c71\u7530");
    const auto found = [&](const std::string& text, std::optional<std::int32_t> most = {}) {
        std::vector<std::string> names;
        for (const auto& user :
             must<control::SearchUsers>({.identity_store_id = identity_store, .text = text, .limit = most})
                 .users) {
            names.push_back(user.user_name);
        }
        return names;
    };
    EXPECT_THAT(found("SCHMIDT"), testing::UnorderedElementsAre("anna.s", "bert"));
    EXPECT_THAT(found("schmidtb"), ElementsAre("bert"));
    EXPECT_THAT(found("anna sch"), ElementsAre("anna.s"));
    EXPECT_THAT(found("anna.s@"), ElementsAre("anna.s"));  // the address
    EXPECT_THAT(found("\u5c71"), ElementsAre("taro"));
    EXPECT_THAT(found("ANNA.S"), ElementsAre("anna.s"));
    EXPECT_THAT(found("chmidt"), ElementsAre());  // beginnings only
    EXPECT_THAT(found("anna schmidtb"), ElementsAre());
    EXPECT_THAT(found(" "), ElementsAre());
    EXPECT_THAT(found("schmidt", 1).size(), 1u);

    // A name that has changed is found by the new one only; who has gone by none.
    must<identitystore::UpdateUser>(
        {.identity_store_id = identity_store,
         .user_id = anna,
         .operations = {{.attribute_path = "name.familyName", .attribute_value = R"("Weber")"},
                        {.attribute_path = "displayName", .attribute_value = R"("Anna Weber")"}}});
    EXPECT_THAT(found("schmidt"), ElementsAre("bert"));
    EXPECT_THAT(found("web"), ElementsAre("anna.s"));
    must<identitystore::DeleteUser>({.identity_store_id = identity_store, .user_id = anna});
    EXPECT_THAT(found("web"), ElementsAre());

    make_group("Platform Team");
    make_group("team-storage");
    const auto groups = [&](const std::string& text) {
        std::vector<std::string> names;
        for (const auto& group :
             must<control::SearchGroups>({.identity_store_id = identity_store, .text = text}).groups) {
            names.push_back(group.display_name);
        }
        return names;
    };
    EXPECT_THAT(groups("team"), testing::UnorderedElementsAre("team-storage", "Platform Team"));
    EXPECT_THAT(groups("team-s"), ElementsAre("team-storage"));
    EXPECT_THAT(groups("storage t"), ElementsAre("team-storage"));

    EXPECT_EQ(refused<control::SearchUsers>({.identity_store_id = "d-0000000000", .text = "a"}).code,
              "ResourceNotFoundException");
    EXPECT_EQ(
        house.call<control::SearchUsers>(outsider, {.identity_store_id = identity_store, .text = "a"}).error().code,
        "AccessDeniedException");
}

TEST_F(Directory, ANameOfManyWordsIsOneRecord) {
    auto request = user_request("wordy");
    std::string many;
    for (int i = 0; i < 300; ++i) many += "w" + std::to_string(i) + " ";
    request.display_name = many;
    must<identitystore::CreateUser>(request);
    EXPECT_EQ(must<control::SearchUsers>({.identity_store_id = identity_store, .text = "w3"}).users.size(), 1u);
}

TEST_F(Directory, ReservedAndMissingNames) {
    for (const char* name : {"Administrator", "awsadministrators", "\uff21dministrator"}) {
        EXPECT_EQ(refused<identitystore::CreateUser>(user_request(name)).code, "ValidationException");
    }
    auto request = user_request("x");
    request.display_name.reset();
    request.name->given_name.reset();
    EXPECT_EQ(refused<identitystore::CreateUser>(request).message,
              "displayname: The attribute displayname is required, givenname: The attribute givenname is required");
}

TEST_F(Directory, LooksUp) {
    const auto user = make_user("EksAdmin");
    const auto find = [&](const std::string& path, const std::string& value) {
        return call<identitystore::GetUserId>(
            {.identity_store_id = identity_store, .alternate_identifier = by(path, value)});
    };
    EXPECT_EQ(find("userName", R"("EksAdmin")")->user_id, user);
    EXPECT_EQ(find("emails.value", R"("eksadmin@example.com")")->user_id, user);
    const auto error = find("userName", R"("nobody")").error();
    EXPECT_EQ(error.code, "ResourceNotFoundException");
    EXPECT_EQ(error.message, "USER not found.");
    EXPECT_THAT(error.fields.front(), Pair("ResourceType", "USER"));
    EXPECT_EQ(find("title", R"("x")").error().message, "The attribute title is not a unique attribute");
    EXPECT_EQ(find("userName", R"("")").error().message, "attribute value cannot be empty or null for attribute path");
}

TEST_F(Directory, UpdatesByPath) {
    const auto user = make_user("EksAdmin");
    const auto update = [&](std::vector<identitystore::AttributeOperation> operations,
                            std::optional<std::string> revision = {}) {
        return call<identitystore::UpdateUser>({.identity_store_id = identity_store,
                                                .user_id = user,
                                                .operations = std::move(operations),
                                                .revision = std::move(revision)});
    };
    ASSERT_TRUE(update({{"name.givenName", R"("Other")"},
                        {"title", R"("Boss")"},
                        {"emails", R"([{"value":"new@example.com","primary":true}])"},
                        {"aws:identitystore:enterprise.department", R"("Platform")"}}));
    const auto describe = [&] {
        return must<identitystore::DescribeUser>(
            {.identity_store_id = identity_store,
             .user_id = user,
             .extensions = std::vector<std::string>{"aws:identitystore:enterprise"}});
    };
    auto now = describe();
    EXPECT_EQ(now.name->given_name, "Other");
    EXPECT_EQ(now.name->family_name, "One");
    EXPECT_EQ(now.title, "Boss");
    EXPECT_EQ(now.emails->size(), 1u);
    EXPECT_EQ(now.emails->front().value, "new@example.com");
    EXPECT_EQ(now.extensions->at("aws:identitystore:enterprise"), R"({"department":"Platform"})");
    EXPECT_EQ(now.revision, "2");

    ASSERT_TRUE(update({{"title", {}}}, "2"));  // no value: removed
    EXPECT_FALSE(describe().title.has_value());
    EXPECT_THAT(update({{"title", R"("x")"}}, "2").error().fields,
                ElementsAre(Pair("Reason", "CONCURRENT_MODIFICATION")));
    for (const char* path : {"userStatus", "userId", "emails.value", "nothing", "name.nothing"}) {
        EXPECT_EQ(update({{path, R"("x")"}}).error().code, "ValidationException") << path;
    }
    EXPECT_EQ(update({{"displayName", {}}}).error().code, "ValidationException");
    EXPECT_EQ(update({{"title", "7"}}).error().code, "ValidationException");
}

TEST_F(Directory, ListsInPages) {
    for (const char* name : {"a", "b", "c"}) make_user(name);
    identitystore::ListUsersRequest request{.identity_store_id = identity_store};
    request.max_results = 2;
    const auto first = must<identitystore::ListUsers>(request);
    EXPECT_EQ(first.users.size(), 2u);
    request.next_token = first.next_token;
    const auto second = must<identitystore::ListUsers>(request);
    EXPECT_EQ(second.users.size(), 1u);
    EXPECT_FALSE(second.next_token.has_value());
    request.next_token = "forged";
    EXPECT_EQ(refused<identitystore::ListUsers>(request).code, "ValidationException");

    identitystore::ListUsersRequest filtered{.identity_store_id = identity_store};
    filtered.filters = std::vector<identitystore::Filter>{{.attribute_path = "UserName", .attribute_value = "b"}};
    const auto found = must<identitystore::ListUsers>(filtered);
    ASSERT_EQ(found.users.size(), 1u);
    EXPECT_EQ(found.users.front().user_name, "b");
}

TEST_F(Directory, Memberships) {
    const auto user = make_user("a");
    const auto group = make_group("g");
    const auto other = make_group("h");
    const auto membership = add_member(group, user);
    EXPECT_EQ(refused<identitystore::CreateGroupMembership>(
                  {.identity_store_id = identity_store, .group_id = group, .member_id = {.user_id = user}})
                  .code,
              "ConflictException");
    const auto is_member = must<identitystore::IsMemberInGroups>(
        {.identity_store_id = identity_store, .member_id = {.user_id = user}, .group_ids = {group, other}});
    EXPECT_TRUE(*is_member.results[0].membership_exists);
    EXPECT_FALSE(*is_member.results[1].membership_exists);
    EXPECT_EQ(must<identitystore::GetGroupMembershipId>(
                  {.identity_store_id = identity_store, .group_id = group, .member_id = {.user_id = user}})
                  .membership_id,
              membership);
    must<identitystore::DeleteGroupMembership>({.identity_store_id = identity_store, .membership_id = membership});
    EXPECT_EQ(refused<identitystore::DescribeGroupMembership>(
                  {.identity_store_id = identity_store, .membership_id = membership})
                  .message,
              "GROUP_MEMBERSHIP not found.");
}

TEST_F(Directory, DeletedGroupsLeaveNothing) {
    constexpr int many = 70;  // more than one transaction erases
    const auto group = make_group("g");
    for (int i = 0; i < many; ++i) add_member(group, make_user("user" + std::to_string(i)));
    must<identitystore::DeleteGroup>({.identity_store_id = identity_store, .group_id = group, .revision = {}});
    ASSERT_TRUE(house.settle());
    const auto snapshot = house.store().snapshot();
    const auto left =
        domain::memberships.scan(snapshot, store::prefix(IdentityStoreId(identity_store), DirectoryGroupId(group)));
    EXPECT_TRUE(left->items.empty());
}

TEST_F(Directory, DeletedPeopleLeaveNothing) {
    const PersonId person(make_user("a"));
    const IdentityStoreId store(identity_store);
    add_member(make_group("g"), person.str());
    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::credentials.put(tx, {.person_id = person}));
        SEK_TRY(domain::mfa_devices.put(tx, {.id = "device", .person_id = person}));
        for (int i = 0; i < 10; ++i) {
            SEK_TRY(domain::sign_in_sessions.put(tx, {.id = SignInSessionId("session" + std::to_string(i)),
                                                      .person_id = person,
                                                      .identity_store_id = store,
                                                      .expires_at = house.clock().now() + hours(8)}));
        }
        return domain::mailed_tokens.put(
            tx, {.token_hash = "hash", .purpose = "invitation", .person_id = person, .identity_store_id = store});
    });
    ASSERT_TRUE(committed.has_value());
    must<identitystore::DeleteUser>({.identity_store_id = identity_store, .user_id = person.str(), .revision = {}});
    ASSERT_TRUE(house.settle());
    const auto snapshot = house.store().snapshot();
    EXPECT_FALSE(domain::credentials.exists(snapshot, person));
    EXPECT_TRUE(domain::mfa_devices.scan(snapshot, store::prefix(person))->items.empty());
    EXPECT_TRUE(domain::sign_in_sessions.scan(snapshot, store::prefix())->items.empty());
    EXPECT_TRUE(domain::mailed_tokens.scan(snapshot, store::prefix())->items.empty());
    EXPECT_TRUE(domain::memberships.scan(snapshot, store::prefix(store))->items.empty());
    make_user("a");  // the name is free again
}

TEST_F(Directory, DisabledPeopleAreOutAtOnce) {
    const auto user = make_user("a");
    const auto person = [&] {
        const auto snapshot = house.store().snapshot();
        return *domain::people.get(snapshot, IdentityStoreId(identity_store), PersonId(user)).value();
    };
    const auto epoch = person().epoch;
    must<control::DisableUser>({.identity_store_id = identity_store, .user_id = user});
    EXPECT_FALSE(person().enabled);
    EXPECT_GT(person().epoch, epoch);
    const auto disabled_epoch = person().epoch;
    must<control::DisableUser>({.identity_store_id = identity_store, .user_id = user});  // again: nothing
    EXPECT_EQ(person().epoch, disabled_epoch);
    EXPECT_EQ(
        must<identitystore::DescribeUser>({.identity_store_id = identity_store, .user_id = user, .extensions = {}})
            .user_status,
        identitystore::UserStatus::disabled);
    must<control::EnableUser>({.identity_store_id = identity_store, .user_id = user});
    EXPECT_TRUE(person().enabled);
    EXPECT_EQ(person().epoch, disabled_epoch);  // what was ended stays ended
}

// The house's requests come from 203.0.113.7.
TEST_F(Directory, AnswersOnlyWhereItsNetworkConfigurationAllows) {
    identitystore::UpdateIdentityStoreRequest request{.identity_store_id = identity_store};
    auto& network = request.network_configuration.emplace();
    network.vpce_access_required = true;
    EXPECT_EQ(refused<identitystore::UpdateIdentityStore>(request).code, "ValidationException");
    network.vpce_access_required = false;
    network.api_allow_source_ips = std::vector<std::string>{"198.51.100.0/24"};
    EXPECT_EQ(refused<identitystore::UpdateIdentityStore>(request).code, "ValidationException");
    network.api_allow_source_ips->push_back("203.0.113.0/28");
    must<identitystore::UpdateIdentityStore>(request);
    EXPECT_EQ(must<identitystore::DescribeIdentityStore>({.identity_store_id = identity_store})
                  .network_configuration->api_allow_source_ips,
              network.api_allow_source_ips);
    make_user("a");

    const auto moved = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(auto center, domain::identity_centers.get(tx, instance));
        center->api_source_ranges = {"198.51.100.0/24"};
        return domain::identity_centers.put(tx, *center);
    });
    ASSERT_TRUE(moved.has_value());
    EXPECT_EQ(refused<identitystore::CreateUser>(user_request("b")).code, "AccessDeniedException");
}

TEST_F(Directory, MemberAccountsReadAndDoNotWrite) {
    const auto user = make_user("a");
    EXPECT_TRUE(house.call<identitystore::DescribeUser>(
        outsider, {.identity_store_id = identity_store, .user_id = user, .extensions = {}}));
    EXPECT_EQ(house.call<identitystore::CreateUser>(outsider, user_request("b")).error().code, "AccessDeniedException");
    EXPECT_EQ(
        house.call<control::DisableUser>(outsider, {.identity_store_id = identity_store, .user_id = user}).error().code,
        "AccessDeniedException");
}

TEST_F(Directory, RefusalDoesNotTellWhoExists) {
    make_user("a");
    const auto nobody = house.user("nobody", "");
    const auto ask = [&](const std::string& name) {
        return house
            .call<identitystore::GetUserId>(
                nobody, {.identity_store_id = identity_store, .alternate_identifier = by("userName", name)})
            .error()
            .message;
    };
    EXPECT_EQ(ask(R"("a")"), ask(R"("b")"));
    const auto only_store = house.user(
        "only-store",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"identitystore:*","Resource":"arn:aws:identitystore::*:identitystore/*"}]})");
    const auto ask_as = [&](const std::string& name) {
        return house
            .call<identitystore::GetUserId>(
                only_store, {.identity_store_id = identity_store, .alternate_identifier = by("userName", name)})
            .error();
    };
    EXPECT_EQ(ask_as(R"("a")").code, "AccessDeniedException");
    EXPECT_EQ(ask_as(R"("a")").message, ask_as(R"("b")").message);
}

}  // namespace
}  // namespace sekisho::identity_center_service
