// Requests as botocore 1.44.5 serialises them and answers as AWS was recorded to give them.
#include "wire/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/eks.h"
#include "models/iam.h"
#include "models/identitystore.h"
#include "models/organizations.h"
#include "models/sso.h"
#include "models/sso_oidc.h"
#include "models/sts.h"

namespace sekisho::wire {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

constexpr std::string_view request_id = "89b682e5-ac18-4fac-a917-2155723ed59b";

template <class Op>
Result<typename Op::Request> decode(const RequestParts& parts) {
    typename Op::Request request;
    SEK_TRY(decode_request(Op::model, parts, &request));
    return request;
}

template <class Op>
EncodedResponse encode(const typename Op::Response& response, bool wants_json = false) {
    return encode_response(Op::model, &response, request_id, wants_json);
}

TEST(QueryRequest, AssumeRoleOfBotocore) {
    const auto request = decode<sts::AssumeRole>(
        {.body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa"
                 "&RoleSessionName=s%40x&DurationSeconds=900&Tags.member.1.Key=k+1&Tags.member.1.Value=v%2F%C3%A9"
                 "&Tags.member.2.Key=b&Tags.member.2.Value=&TransitiveTagKeys.member.1=b"
                 "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"});
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->role_arn, "arn:aws:iam::111122223333:role/a");
    EXPECT_EQ(request->role_session_name, "s@x");
    EXPECT_EQ(request->duration_seconds, 900);
    ASSERT_EQ(request->tags->size(), 2u);
    EXPECT_EQ(request->tags->at(0).key, "k 1");
    EXPECT_EQ(request->tags->at(0).value, "v/\xC3\xA9");
    EXPECT_EQ(request->tags->at(1).value, "");
    EXPECT_EQ(request->transitive_tag_keys->at(0), "b");
    EXPECT_EQ(request->policy_arns->at(0).arn, "arn:aws:iam::aws:policy/ReadOnlyAccess");
    EXPECT_FALSE(request->external_id);
}

TEST(QueryRequest, EmptyListIsThere) {
    const auto request = decode<iam::CreateRole>(
        {.body = "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%22a%22%3A+1%7D&Tags="});
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->assume_role_policy_document, "{\"a\": 1}");
    ASSERT_TRUE(request->tags);
    EXPECT_TRUE(request->tags->empty());
}

TEST(QueryRequest, ParametersOfTheQueryString) {
    const auto request = decode<sts::GetAccessKeyInfo>(
        {.method = "GET", .query = "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=ASIAQAAAAAAAGMKEM7X5"});
    ASSERT_TRUE(request);
    EXPECT_EQ(request->access_key_id, "ASIAQAAAAAAAGMKEM7X5");
}

TEST(QueryRequest, MissingMembersAreReportedOnceEach) {
    const auto request = decode<sts::AssumeRole>({.body = "Action=AssumeRole&Version=2011-06-15"});
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().code, "ValidationError");
    EXPECT_EQ(request.error().message,
              "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be "
              "null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null");
}

TEST(QueryRequest, MalformedInput) {
    for (const auto* body : {"DurationSeconds=x", "DurationSeconds=99999999999", "RoleArn=%zz", "RoleArn=%ff",
                             "RoleArn=a&RoleArn=b", "RoleArn.member.1=a"}) {
        const auto request = decode<sts::AssumeRole>({.body = body});
        ASSERT_FALSE(request) << body;
        EXPECT_EQ(request.error().code, "MalformedInput") << body;
        EXPECT_EQ(request.error().http_status, 400);
    }
}

TEST(QueryRequest, MemberOfAListInsideAStructure) {
    const auto request =
        decode<sts::AssumeRole>({.body = "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa&RoleSessionName=abc"
                                         "&Tags.member.1.Value=v"});
    ASSERT_FALSE(request);
    EXPECT_THAT(request.error().message, HasSubstr("Value null at 'tags.1.member.key'"));
}

TEST(QueryResponse, CallerIdentityAsXmlAndJson) {
    const sts::GetCallerIdentityResponse response{
        .user_id = "AIDA", .account = "111122223333", .arn = "arn:aws:iam::111122223333:user/a<b"};
    const auto xml = encode<sts::GetCallerIdentity>(response);
    EXPECT_EQ(xml.status, 200);
    EXPECT_THAT(xml.headers, Contains(Pair("Content-Type", "text/xml")));
    EXPECT_THAT(xml.headers, Contains(Pair("x-amzn-RequestId", std::string(request_id))));
    EXPECT_EQ(xml.body,
              "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
              "  <GetCallerIdentityResult><UserId>AIDA</UserId><Account>111122223333</Account>"
              "<Arn>arn:aws:iam::111122223333:user/a&lt;b</Arn></GetCallerIdentityResult>\n"
              "  <ResponseMetadata>\n    <RequestId>89b682e5-ac18-4fac-a917-2155723ed59b</RequestId>\n"
              "  </ResponseMetadata>\n</GetCallerIdentityResponse>\n");
    // token-authenticator.md 2.1: what aws-iam-authenticator reads.
    const auto as_json = encode<sts::GetCallerIdentity>(response, true);
    EXPECT_THAT(as_json.headers, Contains(Pair("Content-Type", "application/json")));
    EXPECT_EQ(as_json.body,
              R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"UserId":"AIDA","Account":"111122223333",)"
              R"("Arn":"arn:aws:iam::111122223333:user/a<b"},"ResponseMetadata":{"RequestId":)"
              R"("89b682e5-ac18-4fac-a917-2155723ed59b"}}})");
}

TEST(QueryResponse, TimesAndNestedLists) {
    iam::ListUsersResponse response;
    response.users.push_back({.path = "/",
                              .user_name = "a",
                              .user_id = "AIDA",
                              .arn = "arn",
                              .create_date = time_from_epoch_seconds(0),
                              .tags = std::vector<iam::Tag>{{.key = "k", .value = "v"}}});
    const auto body = encode<iam::ListUsers>(response).body;
    EXPECT_THAT(body, HasSubstr("<Users><member><Path>/</Path><UserName>a</UserName>"));
    EXPECT_THAT(body, HasSubstr("<CreateDate>1970-01-01T00:00:00Z</CreateDate>"));
    EXPECT_THAT(body, HasSubstr("<Tags><member><Key>k</Key><Value>v</Value></member></Tags></member></Users>"));
}

TEST(QueryResponse, WithoutResult) {
    const auto body = encode<iam::DeleteRole>({}).body;
    EXPECT_EQ(body,
              "<DeleteRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <ResponseMetadata>\n"
              "    <RequestId>89b682e5-ac18-4fac-a917-2155723ed59b</RequestId>\n  </ResponseMetadata>\n"
              "</DeleteRoleResponse>\n");
}

TEST(QueryError, ExactBytes) {
    const auto out = encode_error(sts::service, &sts::GetCallerIdentity::model,
                                  {.code = "MissingAuthenticationToken",
                                   .message = "Request is missing Authentication Token",
                                   .http_status = 403},
                                  request_id, false);
    EXPECT_EQ(out.status, 403);
    EXPECT_EQ(out.body.size(), 297u);  // amzn/selling-partner-api-docs#3081
    EXPECT_EQ(
        out.body,
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n"
        "    <Code>MissingAuthenticationToken</Code>\n    <Message>Request is missing Authentication Token</Message>\n"
        "  </Error>\n  <RequestId>89b682e5-ac18-4fac-a917-2155723ed59b</RequestId>\n</ErrorResponse>\n");
}

TEST(QueryError, JsonAndUnknownAction) {
    const ApiError error{.code = "AccessDenied", .message = "a \"b\"", .http_status = 403};
    EXPECT_EQ(encode_error(sts::service, &sts::AssumeRole::model, error, "r", true).body,
              R"({"Error":{"Code":"AccessDenied","Message":"a \"b\"","Type":"Sender"},"RequestId":"r"})");
    EXPECT_THAT(encode_error(sts::service, nullptr, {.code = "InvalidAction", .message = "m"}, "r", false).body,
                HasSubstr("xmlns=\"http://webservices.amazon.com/AWSFault/2005-15-09\""));
    EXPECT_THAT(encode_error(sts::service, &sts::AssumeRole::model, errors::internal_failure("disk"), "r", false).body,
                HasSubstr("<Type>Receiver</Type>"));
}

TEST(JsonRequest, CreateAccount) {
    const auto request = decode<organizations::CreateAccount>(
        {.body = R"({"Email":"dev@example.com","AccountName":"D\u0065v","Unknown":{"a":[1]},"RoleName":null,)"
                 R"("IamUserAccessToBilling":"DENY","Tags":[{"Key":"a","Value":"b"}]})"});
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->account_name, "Dev");
    EXPECT_FALSE(request->role_name);
    EXPECT_EQ(request->iam_user_access_to_billing, organizations::IAMUserAccessToBilling::deny);
    EXPECT_EQ(request->tags->at(0).value, "b");
}

TEST(JsonRequest, WrongTypesAndBrokenJson) {
    struct Case {
        const char* body;
        const char* message;
    };
    for (const auto& [body, message] : {
             Case{R"({"Email":1})", "NUMBER_VALUE cannot be converted to String"},
             Case{R"({"Email":true})", "TRUE_VALUE cannot be converted to String"},
             Case{R"({"Email":[]})", "Start of list found where not expected."},
             Case{R"({"Email":{}})", "Start of structure or map found where not expected."},
             Case{R"({"Tags":"x"})", "STRING_VALUE cannot be converted to List"},
             Case{R"({"Email":"a)", ""},
             Case{"{\"Email\":\"\xff\"}", ""},
             Case{R"({} {})", ""},
             Case{R"([])", "Start of list found where not expected."},
         }) {
        const auto request = decode<organizations::CreateAccount>({.body = body});
        ASSERT_FALSE(request) << body;
        EXPECT_EQ(request.error().code, "SerializationException") << body;
        EXPECT_EQ(request.error().message, message) << body;
    }
    std::string deep = R"({"Tags":)" + std::string(100, '[') + std::string(100, ']') + "}";
    EXPECT_EQ(decode<organizations::CreateAccount>({.body = deep}).error().code, "SerializationException");
}

TEST(JsonRequest, EmptyBodyIsAnEmptyStructure) {
    EXPECT_TRUE(decode<organizations::ListRoots>({.body = ""}));
    EXPECT_TRUE(decode<organizations::ListRoots>({.body = "{}"}));
}

TEST(JsonResponse, TimesAreSecondsWithMilliseconds) {
    organizations::DescribeAccountResponse response;
    response.account = organizations::Account{.id = "111122223333", .joined_timestamp = Time(milliseconds(1'500))};
    const auto out = encode<organizations::DescribeAccount>(response);
    EXPECT_EQ(out.body, R"({"Account":{"Id":"111122223333","JoinedTimestamp":1.500}})");
    EXPECT_THAT(out.headers, Contains(Pair("Content-Type", "application/x-amz-json-1.1")));
    response.account->joined_timestamp = Time(milliseconds(-500));
    EXPECT_THAT(encode<organizations::DescribeAccount>(response).body, HasSubstr("-0.500"));
}

TEST(JsonResponse, OperationsWithoutOutputHaveNoBody) {
    EXPECT_EQ(encode<organizations::AttachPolicy>({}).body, "");
    EXPECT_EQ(encode<sso::Logout>({}).body, "");
}

TEST(JsonError, MessageIsNamedAsTheServiceNamesIt) {
    const auto body = [](const ServiceModel& service, ApiError error) {
        return encode_error(service, nullptr, error, "r", false).body;
    };
    // 58 bytes in iann0036/former2#11.
    EXPECT_EQ(body(organizations::service, {.code = "ThrottlingException", .message = "Rate exceeded"}),
              R"({"__type":"ThrottlingException","message":"Rate exceeded"})");
    EXPECT_EQ(body(organizations::service, {.code = "AccessDeniedException", .message = "User: .."}),
              R"({"__type":"AccessDeniedException","Message":"User: .."})");
    EXPECT_EQ(body(organizations::service, {.code = "UnknownOperationException"}),
              R"({"__type":"UnknownOperationException"})");
    EXPECT_EQ(body(identitystore::service,
                   std::move(ApiError{.code = "ConflictException", .message = "m"}).with("Reason", "UNIQUENESS")),
              R"({"__type":"ConflictException","Message":"m","Reason":"UNIQUENESS"})");
}

TEST(JsonError, StatusIs400Or500) {
    const auto status = [](ApiError error) {
        return encode_error(organizations::service, nullptr, error, "r", false).status;
    };
    EXPECT_EQ(status({.code = "AccessDeniedException", .message = "m", .http_status = 403}), 400);
    EXPECT_EQ(status({.code = "InternalFailure", .message = "m", .http_status = 500}), 500);
}

const std::string* bearer_header(const void* context, std::string_view name) {
    return name == "x-amz-sso_bearer_token" ? static_cast<const std::string*>(context) : nullptr;
}

TEST(RestRequest, LabelsQueryAndHeaders) {
    const auto groups = decode<eks::ListNodegroups>(
        {.method = "GET", .path = "/clusters/c%2F1/node-groups", .query = "maxResults=5&nextToken=a%20b"});
    ASSERT_TRUE(groups) << groups.error().message;
    EXPECT_EQ(groups->cluster_name, "c/1");
    EXPECT_EQ(groups->max_results, 5);
    EXPECT_EQ(groups->next_token, "a b");

    const auto untag =
        decode<eks::UntagResource>({.method = "DELETE",
                                    .path = "/tags/arn%3Aaws%3Aeks%3Aus-east-1%3A111122223333%3Acluster%2Fc",
                                    .query = "tagKeys=a&tagKeys=b%20c"});
    ASSERT_TRUE(untag) << untag.error().message;
    EXPECT_EQ(untag->resource_arn, "arn:aws:eks:us-east-1:111122223333:cluster/c");
    EXPECT_THAT(untag->tag_keys, testing::ElementsAre("a", "b c"));

    const std::string token = "tok";
    const auto credentials = decode<sso::GetRoleCredentials>({.method = "GET",
                                                              .path = "/federation/credentials",
                                                              .query = "role_name=R&account_id=111122223333",
                                                              .header = bearer_header,
                                                              .context = &token});
    ASSERT_TRUE(credentials) << credentials.error().message;
    EXPECT_EQ(credentials->access_token, "tok");
    EXPECT_EQ(credentials->role_name, "R");
}

TEST(RestRequest, Body) {
    const auto request = decode<eks::CreateCluster>(
        {.method = "POST",
         .path = "/clusters",
         .body =
             R"({"name": "c", "roleArn": "arn:aws:iam::111122223333:role/eks-role",)"
             R"("resourcesVpcConfig": {"subnetIds": ["subnet-1"]}, "tags": {"a": "b"}, "clientRequestToken": "t"})"});
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->resources_vpc_config.subnet_ids->at(0), "subnet-1");
    EXPECT_EQ(request->tags->at("a"), "b");
    EXPECT_EQ(request->client_request_token, "t");
}

TEST(RestRequest, Refusals) {
    const auto missing = decode<sso::GetRoleCredentials>({.method = "GET", .path = "/federation/credentials"});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "ValidationException");
    EXPECT_THAT(missing.error().message, HasSubstr("Value null at 'accessToken'"));
    const auto number =
        decode<eks::ListNodegroups>({.method = "GET", .path = "/clusters/c/node-groups", .query = "maxResults=five"});
    EXPECT_EQ(number.error().code, "SerializationException");
    const auto bytes =
        decode<eks::ListNodegroups>({.method = "GET", .path = "/clusters/c/node-groups", .query = "a=%ff"});
    EXPECT_EQ(bytes.error().code, "SerializationException");
}

TEST(RestError, Envelopes) {
    const auto eks_error = encode_error(
        eks::service, nullptr,
        {.code = "ResourceNotFoundException", .message = "No cluster found for name: c.", .http_status = 404}, "r",
        false);
    EXPECT_EQ(eks_error.status, 404);
    EXPECT_EQ(eks_error.body, R"({"message":"No cluster found for name: c."})");
    EXPECT_THAT(eks_error.headers, Contains(Pair("x-amzn-ErrorType", "ResourceNotFoundException")));

    const auto pending =
        encode_error(sso_oidc::service, nullptr,
                     sso_oidc::errors::authorization_pending_exception("Authorization is still pending"), "r", false);
    EXPECT_EQ(pending.status, 400);
    EXPECT_EQ(pending.body,  // aws/aws-cli#5955
              R"({"error":"authorization_pending","error_description":"Authorization is still pending"})");
    const auto fault = encode_error(sso_oidc::service, nullptr, errors::internal_failure("x"), "r", false);
    EXPECT_THAT(fault.body, HasSubstr(R"("error":"server_error")"));
}

TEST(Client, ReadsErrorsOfEveryProtocol) {
    const auto xml = decode_error(403, "",
                                  "<ErrorResponse xmlns=\"x\">\n<Error><Type>Sender</Type><Code>AccessDenied</Code>"
                                  "<Message>a &lt; b</Message></Error><RequestId>r</RequestId></ErrorResponse>");
    EXPECT_EQ(xml.code, "AccessDenied");
    EXPECT_EQ(xml.message, "a < b");
    EXPECT_EQ(xml.http_status, 403);
    const auto aws_json =
        decode_error(400, "", R"({"__type":"com.amazon#ConflictException","Message":"m","Reason":"R"})");
    EXPECT_EQ(aws_json.code, "ConflictException");
    EXPECT_EQ(aws_json.message, "m");
    EXPECT_THAT(aws_json.fields, Contains(Pair("Reason", "R")));
    const auto rest =
        decode_error(400, "SlowDownException:http://internal.amazon.com/coral/", R"({"error_description":"d"})");
    EXPECT_EQ(rest.code, "SlowDownException");
    EXPECT_EQ(rest.message, "d");
    EXPECT_EQ(decode_error(502, "", "Bad Gateway").code, "HTTP 502");
}

}  // namespace
}  // namespace sekisho::wire
