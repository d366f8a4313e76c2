#include "kube/token_review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

namespace sekisho::kube {
namespace {

using testing::HasSubstr;

const Time now = *parse_iso8601_basic("20261124T000500Z");
const StsHosts hosts({"Localhost:7443"});
const std::string good_query =
    "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=ASIAEXAMPLE%2F20261124%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20261124T000000Z"
    "&X-Amz-Expires=60&X-Amz-Security-Token=a%2Bb&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
    "&X-Amz-Signature=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const std::string good_url = "https://sts.us-east-1.amazonaws.com/?" + good_query;

std::string token_of(const std::string& url) {
    return "k8s-aws-v1." + encode_base64url(url);
}
std::string error_of(const std::string& url) {
    const auto token = parse_eks_token(token_of(url), hosts, now);
    return token ? "accepted" : token.error().message;
}
std::string changed(const std::string& from, const std::string& to) {
    return error_of(replace_all(good_url, from, to));
}

TEST(EksToken, AcceptsWhatClientsMake) {
    const auto token = parse_eks_token(token_of(good_url), hosts, now);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->host, "sts.us-east-1.amazonaws.com");
    EXPECT_EQ(token->access_key_id, "ASIAEXAMPLE");
    EXPECT_EQ(token->region, "us-east-1");
    EXPECT_EQ(token->session_token, "a+b");
    EXPECT_EQ(token->raw_query, good_query);
    EXPECT_EQ(error_of(replace_all(good_url, "sts.us-east-1.amazonaws.com", "localhost:7443")), "accepted");
}

// Each rule of pkg/token/token.go, with its text; numbers are those of the verification's order.
TEST(EksToken, RefusesByEachRule) {
    EXPECT_THAT(parse_eks_token(token_of(good_url) + std::string(4096, 'A'), hosts, now).error().message,
                HasSubstr("token is too large"));                                                                  // 1
    EXPECT_THAT(parse_eks_token("k8s-aws-v2.abc", hosts, now).error().message, HasSubstr("is missing expected"));  // 2
    EXPECT_THAT(parse_eks_token(token_of(good_url) + "=", hosts, now).error().message,
                HasSubstr("illegal base64"));                                                               // 3
    EXPECT_THAT(changed("https://", "http://"), HasSubstr("unexpected scheme \"http\""));                   // 4
    EXPECT_THAT(changed("sts.us-east-1.amazonaws.com", "evil.example"), HasSubstr("unexpected hostname"));  // 5
    EXPECT_THAT(changed("https://", "https://user@"), HasSubstr("unexpected hostname"));
    EXPECT_THAT(changed(".com/?", ".com/x?"), HasSubstr("unexpected path"));  // 6
    EXPECT_THAT(changed(".com/?", ".com?"), HasSubstr("unexpected path"));
    EXPECT_THAT(error_of(good_url + "#x"), HasSubstr("unexpected path"));
    EXPECT_THAT(changed("a%2Bb", "a%2"), HasSubstr("malformed query parameter"));  // 7
    EXPECT_THAT(error_of(good_url + ";x=y"), HasSubstr("malformed query parameter"));
    EXPECT_THAT(error_of(good_url + "&x-amz-credential=AKIAOTHER"), HasSubstr("duplicate query parameter"));  // 8
    EXPECT_THAT(error_of(good_url + "&x=y"), HasSubstr("non-whitelisted query parameter \"x\""));             // 9
    EXPECT_THAT(error_of(good_url + "&X-Amz-Expires=60"), HasSubstr("multiple values"));                      // 10
    EXPECT_THAT(changed("GetCallerIdentity", "getcalleridentity"), HasSubstr("unexpected action"));           // 11
    EXPECT_THAT(changed("host%3Bx-k8s-aws-id", "host"), HasSubstr("did not sign the x-k8s-aws-id"));          // 12
    EXPECT_EQ(changed("host%3Bx-k8s-aws-id", "host%3BX-K8S-AWS-ID"), "accepted");
    EXPECT_THAT(changed("host%3Bx-k8s-aws-id", "x-k8s-aws-id"), HasSubstr("did not sign the host"));
    EXPECT_THAT(changed("Expires=60", "Expires=901"), HasSubstr("invalid X-Amz-Expires"));  // 13
    EXPECT_THAT(changed("Expires=60", "Expires=-1"), HasSubstr("invalid X-Amz-Expires"));
    EXPECT_THAT(changed("&X-Amz-Expires=60", ""), HasSubstr("invalid X-Amz-Expires"));
    EXPECT_EQ(changed("Expires=60", "Expires=0"), "accepted");
    EXPECT_THAT(changed("&X-Amz-Date=20261124T000000Z", ""), HasSubstr("must be present"));  // 14
    EXPECT_THAT(changed("20261124T000000Z", "2026-11-24"), HasSubstr("error parsing X-Amz-Date"));
}

TEST(EksToken, RefusalsArePrintableAndShort) {
    const auto shown = error_of(good_url + "&%FF%0A%1B" + std::string(500, 'x') + "=y");
    EXPECT_THAT(shown, HasSubstr("non-whitelisted query parameter \"???xxx"));
    EXPECT_LT(shown.size(), 300U);
}

TEST(EksToken, LivesFifteenMinutesAndNeverComesFromTheFuture) {
    EXPECT_EQ(changed("20261124T000000Z", "20261124T001000Z"), "accepted");
    EXPECT_THAT(changed("20261124T000000Z", "20261124T001001Z"), HasSubstr("not yet current"));
    const auto at = [](const char* time) {
        const auto token = parse_eks_token(token_of(good_url), hosts, *parse_iso8601_basic(time));
        return token ? "accepted" : token.error().message;
    };
    EXPECT_EQ(at("20261124T001500Z"), "accepted");
    EXPECT_THAT(at("20261124T001501Z"), HasSubstr("expired (15 minute"));
}

TEST(EksToken, TheScopeIsOfStsAndTheSameDay) {
    EXPECT_THAT(changed("%2Fsts%2F", "%2Feks%2F"), HasSubstr("invalid X-Amz-Credential"));
    EXPECT_THAT(changed("aws4_request", "aws5_request"), HasSubstr("invalid X-Amz-Credential"));
    EXPECT_THAT(changed("ASIAEXAMPLE%2F20261124", "ASIAEXAMPLE%2F20261123"), HasSubstr("does not match"));
    EXPECT_THAT(changed("AWS4-HMAC-SHA256", "none"), HasSubstr("X-Amz-Algorithm"));
    EXPECT_THAT(changed("e3b0c4", "zzzzzz"), HasSubstr("X-Amz-Signature"));
}

TEST(StsHosts, AwsNamesAndOurOwn) {
    for (const char* host : {"sts.amazonaws.com", "STS.us-east-1.amazonaws.com", "sts-fips.us-west-2.api.aws",
                             "sts.cn-north-1.amazonaws.com.cn", "localhost:7443"}) {
        EXPECT_TRUE(hosts.allows(host)) << host;
    }
    for (const char* host :
         {"", "localhost", "sts.evil.com", "sts.us-east-1.amazonaws.com.evil.com", "sts.a.b.amazonaws.com",
          "xsts.us-east-1.amazonaws.com", "sts.-x.amazonaws.com", "sts.us-east-1.amazonaws.com:444"}) {
        EXPECT_FALSE(hosts.allows(host)) << host;
    }
}

std::string review_body(const std::string& token, const std::string& version = "v1") {
    return R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/)" + version +
           R"(","metadata":{"creationTimestamp":null},"spec":{"token":")" + token +
           R"(","audiences":["https://kubernetes.default.svc"]},"status":{"user":{}}})";
}

const MapPrincipal as_admin = [](const AwsIdentity&) -> Result<KubernetesUser> {
    return KubernetesUser{"cluster-admin", {"system:masters"}};
};

ReviewAnswer review(const std::string& body, const Result<AwsIdentity>& verified, const MapPrincipal& map = as_admin) {
    const VerifyPrincipal verify = [&](const EksToken&, std::string_view cluster) {
        EXPECT_EQ(cluster, "demo");
        return verified;
    };
    return review_token("POST", body, ReviewContext{"demo", hosts, now, verify, map});
}

const AwsIdentity eksadmin{
    .account_id = "111122223333",
    .arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/eksadmin",
    .user_id = "AROAEXAMPLE:eksadmin",
    .access_key_id = "ASIAEXAMPLE",
    .person_id = "person-1"};

TEST(TokenReview, AcceptsInTheRequestsVersion) {
    for (const std::string version : {"v1", "v1beta1"}) {
        const auto answer = review(review_body(token_of(good_url), version), eksadmin);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.outcome, ReviewOutcome::success);
        EXPECT_EQ(
            answer.body,
            R"({"apiVersion":"authentication.k8s.io/)" + version +
                R"(","kind":"TokenReview","metadata":{"creationTimestamp":null},"spec":{},"status":{)"
                R"("authenticated":true,"user":{"username":"cluster-admin","uid":"aws-iam-authenticator:111122223333:AROAEXAMPLE",)"
                R"("groups":["system:masters"],"extra":{"accessKeyId":["ASIAEXAMPLE"],)"
                R"("arn":["arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/eksadmin"],)"
                R"("canonicalArn":["arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef"],)"
                R"("principalId":["AROAEXAMPLE"],"sessionName":["eksadmin"],)"
                R"("sigs.k8s.io/aws-iam-authenticator/principalId":["AROAEXAMPLE"],"sekisho/personId":["person-1"]}},)"
                R"("audiences":["https://kubernetes.default.svc"]}})");
    }
}

TEST(TokenReview, RefusesQuietlyWhatIsBad) {
    const auto bad = review(review_body("k8s-aws-v1.!"), eksadmin);
    EXPECT_EQ(bad.status, 200);
    EXPECT_EQ(bad.outcome, ReviewOutcome::invalid_token);
    EXPECT_THAT(bad.body, HasSubstr(R"("authenticated":false)"));
    const ApiError dead{.code = "AccessDenied", .message = "person is disabled", .http_status = 403};
    const auto refused = review(review_body(token_of(good_url)), dead);
    EXPECT_EQ(refused.status, 200);
    EXPECT_EQ(refused.outcome, ReviewOutcome::refused_principal);
    EXPECT_THAT(refused.body, Not(HasSubstr("disabled")));
    EXPECT_EQ(refused.reason, "person is disabled");
    const auto unknown = review(review_body(token_of(good_url)), eksadmin,
                                [&](const AwsIdentity&) -> Result<KubernetesUser> { return dead; });
    EXPECT_EQ(unknown.outcome, ReviewOutcome::unknown_user);
    EXPECT_EQ(unknown.identity.session_name, "eksadmin");
}

// A refusal is cached by kube-apiserver; "cannot judge now" must not be.
TEST(TokenReview, AnswersAnErrorWhenItCannotJudge) {
    EXPECT_EQ(review(review_body(token_of(good_url)), errors::service_unavailable("store is behind")).status, 503);
    EXPECT_EQ(review(review_body(token_of(good_url)), ApiError{.code = "Throttling", .http_status = 429}).status, 429);
}

TEST(TokenReview, MalformedRequests) {
    const VerifyPrincipal verify = [](const EksToken&, std::string_view) -> Result<AwsIdentity> { return eksadmin; };
    const ReviewContext context{"demo", hosts, now, verify, as_admin};
    EXPECT_EQ(review_token("GET", "", context).status, 405);
    EXPECT_EQ(review_token("POST", "", context).status, 400);
    for (const char* body :
         {"{", "[]", "{}", R"({"kind":"TokenReview","apiVersion":"v1","spec":{"token":"x"}})",
          R"({"kind":"Pod","apiVersion":"authentication.k8s.io/v1","spec":{"token":"x"}})",
          R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{}})",
          R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":5}})",
          R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"x","audiences":[1]}})"}) {
        const auto answer = review_token("POST", body, context);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.outcome, ReviewOutcome::malformed_request);
    }
}

}  // namespace
}  // namespace sekisho::kube
