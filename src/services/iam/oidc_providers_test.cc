#include "base/limits.h"
#include "services/iam/testing.h"

namespace sekisho::iam_service {
namespace {

class OidcProviders : public IamTest {
 protected:
    std::string make_provider(const std::string& url) {
        return done<iam::CreateOpenIDConnectProvider>({.url = url}).open_id_connect_provider_arn.value();
    }
    iam::GetOpenIDConnectProviderResponse show(const std::string& arn) {
        return done<iam::GetOpenIDConnectProvider>({.open_id_connect_provider_arn = arn});
    }
};

constexpr std::string_view cluster_issuer = "https://localhost:7443/oidc/id/0A1B";
constexpr std::string_view cluster_arn = "arn:aws:iam::111222333444:oidc-provider/localhost:7443/oidc/id/0A1B";
const std::string thumbprint(40, 'A');

TEST_F(OidcProviders, AreMadeAndShown) {
    const auto made = done<iam::CreateOpenIDConnectProvider>({.url = std::string(cluster_issuer),
                                                              .client_id_list = {{"sts.amazonaws.com"}},
                                                              .thumbprint_list = {{thumbprint}},
                                                              .tags = {{{"team", "red"}}}});
    EXPECT_EQ(made.open_id_connect_provider_arn, cluster_arn);
    EXPECT_EQ(made.tags->at(0).key, "team");
    const auto shown = show(std::string(cluster_arn));
    EXPECT_EQ(shown.url, "localhost:7443/oidc/id/0A1B");
    EXPECT_EQ(shown.client_id_list, std::vector<std::string>{"sts.amazonaws.com"});
    EXPECT_EQ(shown.thumbprint_list, std::vector<std::string>{std::string(40, 'a')});
    EXPECT_EQ(shown.create_date, house.clock().now());
    const auto listed = *done<iam::ListOpenIDConnectProviders>({}).open_id_connect_provider_list;
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].arn, cluster_arn);
    EXPECT_EQ(done<iam::GetAccountSummary>({}).summary_map->at("Providers"), 1);
    expect_error(refused<iam::CreateOpenIDConnectProvider>({.url = std::string(cluster_issuer)}), "EntityAlreadyExists",
                 "Provider with url https://localhost:7443/oidc/id/0A1B already exists.", 409);
}

TEST_F(OidcProviders, UrlsAreIssuers) {
    const auto refuses = [&](const std::string& url, std::string_view code, std::string_view message) {
        expect_error(refused<iam::CreateOpenIDConnectProvider>({.url = url}), code, message, 400);
    };
    refuses("example.com", "ValidationError", "Invalid Open ID Connect Provider URL");
    refuses("http://example.com", "InvalidInput",
            "Invalid Open ID Connect Provider URL. The URL must begin with https://.");
    for (const char* url : {"https://", "https:///path", "https://:443", "https://a.example?x=1", "https://a.example#x",
                            "https://u@a.example", "https://a b.example", "https://a.example/\n"}) {
        refuses(url, "ValidationError", "Invalid Open ID Connect Provider URL");
    }
    EXPECT_EQ(make_provider("https://tenant.example/"), "arn:aws:iam::111222333444:oidc-provider/tenant.example/");
}

TEST_F(OidcProviders, ClientsAndThumbprintsChange) {
    const auto arn = make_provider("https://a.example");
    for (const char* client : {"one", "two", "two"}) {
        done<iam::AddClientIDToOpenIDConnectProvider>({.open_id_connect_provider_arn = arn, .client_id = client});
    }
    for (const char* client : {"one", "one"}) {
        done<iam::RemoveClientIDFromOpenIDConnectProvider>({.open_id_connect_provider_arn = arn, .client_id = client});
    }
    done<iam::UpdateOpenIDConnectProviderThumbprint>(
        {.open_id_connect_provider_arn = arn, .thumbprint_list = {thumbprint}});
    const auto shown = show(arn);
    EXPECT_EQ(shown.client_id_list, std::vector<std::string>{"two"});
    EXPECT_EQ(shown.thumbprint_list->size(), 1u);
    EXPECT_EQ(refused<iam::UpdateOpenIDConnectProviderThumbprint>(
                  {.open_id_connect_provider_arn = arn, .thumbprint_list = {std::string(40, 'x')}})
                  .code,
              "InvalidInput");
    expect_error(refused<iam::UpdateOpenIDConnectProviderThumbprint>(
                     {.open_id_connect_provider_arn = arn, .thumbprint_list = std::vector(6, thumbprint)}),
                 "InvalidInput", "Thumbprint list must contain fewer than 5 entries.", 400);
    std::vector<std::string> clients;
    for (std::size_t i = 0; i <= limits::oidc_client_ids_max; ++i) clients.push_back("c" + std::to_string(i));
    expect_error(refused<iam::CreateOpenIDConnectProvider>({.url = "https://b.example", .client_id_list = clients}),
                 "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100", 409);
}

TEST_F(OidcProviders, HaveTags) {
    const auto arn = make_provider("https://a.example");
    done<iam::TagOpenIDConnectProvider>({.open_id_connect_provider_arn = arn, .tags = {{"a", "1"}, {"b", "2"}}});
    done<iam::UntagOpenIDConnectProvider>({.open_id_connect_provider_arn = arn, .tag_keys = {"a"}});
    const auto tags = done<iam::ListOpenIDConnectProviderTags>({.open_id_connect_provider_arn = arn}).tags;
    ASSERT_EQ(tags.size(), 1u);
    EXPECT_EQ(tags[0].key, "b");
}

TEST_F(OidcProviders, DeletingTwiceIsNoError) {
    const auto arn = make_provider("https://a.example");
    done<iam::DeleteOpenIDConnectProvider>({.open_id_connect_provider_arn = arn});
    done<iam::DeleteOpenIDConnectProvider>({.open_id_connect_provider_arn = arn});
    expect_error(refused<iam::GetOpenIDConnectProvider>({.open_id_connect_provider_arn = arn}), "NoSuchEntity",
                 "OpenIDConnect Provider not found for arn " + arn, 404);
}

TEST_F(OidcProviders, OfAClusterGoByANameWithoutPort) {
    const std::string path = "/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9";
    const auto arn = make_provider("https://localhost:7443" + path);
    const auto other = "arn:aws:iam::111222333444:oidc-provider/localhost" + path;
    EXPECT_EQ(show(other).url, "localhost:7443" + path);
    // Policies see the ARN with the port.
    const auto reader = house.user("reader", R"({"Version":"2012-10-17","Statement":[)"
                                             R"({"Effect":"Allow","Action":"iam:*","Resource":"*"},)"
                                             R"({"Effect":"Deny","Action":"iam:*","Resource":")" +
                                                 arn + R"("}]})");
    EXPECT_EQ(house.call<iam::GetOpenIDConnectProvider>(reader, {.open_id_connect_provider_arn = other}).error().code,
              "AccessDenied");
    for (const std::string& url :
         {std::string("https://a.example:7443/oidc/id/0A1B"), "https://a.example:7443" + path + "0"}) {
        auto without_port = make_provider(url);
        without_port.erase(without_port.find(":7443"), 5);
        EXPECT_EQ(refused<iam::GetOpenIDConnectProvider>({.open_id_connect_provider_arn = without_port}).code,
                  "NoSuchEntity");
    }
    make_provider("https://localhost:8443" + path);
    EXPECT_EQ(refused<iam::GetOpenIDConnectProvider>({.open_id_connect_provider_arn = other}).code, "NoSuchEntity");
    done<iam::DeleteOpenIDConnectProvider>({.open_id_connect_provider_arn = arn});
    done<iam::DeleteOpenIDConnectProvider>({.open_id_connect_provider_arn = other});
    EXPECT_EQ(done<iam::ListOpenIDConnectProviders>({}).open_id_connect_provider_list->size(), 2u);
}

TEST_F(OidcProviders, ARefusedCallerLearnsNothing) {
    const auto arn = make_provider("https://a.example");
    const auto cluster = make_provider("https://localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9");
    const auto nobody = house.user("nobody", "");
    for (const auto& asked : {arn, arn + "/other", cluster,
                              std::string("arn:aws:iam::111222333444:oidc-provider/localhost/oidc/id/"
                                          "0A1B2C3D4E5F60718293A4B5C6D7E8F9")}) {
        expect_error(
            house.call<iam::GetOpenIDConnectProvider>(nobody, {.open_id_connect_provider_arn = asked}).error(),
            "AccessDenied",
            "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: iam:GetOpenIDConnectProvider on "
            "resource: " +
                asked + " because no identity-based policy allows the iam:GetOpenIDConnectProvider action",
            403);
    }
}

TEST_F(OidcProviders, RolesTrustThem) {
    make_role("irsa", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":)"
                      R"("arn:aws:iam::111222333444:oidc-provider/localhost:7443/oidc/id/0A1B"},)"
                      R"("Action":"sts:AssumeRoleWithWebIdentity"}]})");
}

}  // namespace
}  // namespace sekisho::iam_service
