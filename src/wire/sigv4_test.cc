#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace sekisho::wire {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Owns what an HttpRequestView looks at.
struct Request {
    std::string method = "GET";
    std::string path = "/";
    std::string query = {};
    Headers headers = {};
    std::string body = {};
    std::vector<HeaderView> views = {};

    HttpRequestView view() {
        views.clear();
        for (const auto& [name, value] : headers) views.push_back({name, value});
        return {.method = method, .path = path, .query = query, .headers = views, .body = body};
    }
    std::string& header(std::string_view name) {
        for (auto& [other, value] : headers) {
            if (other == name) return value;
        }
        return headers.emplace_back(name, "").second;
    }
};

const Credentials credentials{.access_key_id = "AKIDEXAMPLE",
                              .secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
const Time now = parse_iso8601_basic("20150830T123600Z").value();

Request signed_request(Request request, const Credentials& by = credentials, std::string_view service = "service") {
    for (auto& header : sign_request(request.view(), by, "us-east-1", service, now)) {
        request.headers.push_back(std::move(header));
    }
    return request;
}

std::optional<SignatureFailure> verdict(Request request, VerifyOptions options = {.now = now},
                                        const Secret& secret = credentials.secret_key) {
    const auto signature = parse_signature(request.view());
    if (!signature) return signature.error().failure;
    const auto verified = verify_signature(request.view(), *signature, secret, options);
    if (!verified) return verified.error().failure;
    return std::nullopt;
}
std::string message_of(Request request, VerifyOptions options = {.now = now}) {
    const auto signature = parse_signature(request.view());
    if (!signature) return signature.error().message;
    const auto verified = verify_signature(request.view(), *signature, credentials.secret_key, options);
    return verified ? "" : verified.error().message;
}
std::string signature_of(Request request) {
    const std::string value = signed_request(std::move(request)).header("Authorization");
    return value.substr(value.rfind('=') + 1);
}
Request example(std::string query = "", Headers more = {}) {
    Request request{.query = std::move(query), .headers = {{"Host", "example.amazonaws.com"}}};
    request.headers.insert(request.headers.end(), more.begin(), more.end());
    return request;
}
Request example_path(std::string path) {
    Request request = example();
    request.path = std::move(path);
    return request;
}

// AWS General Reference, "Signature Version 4 signing process": the ListUsers example, step by step.
TEST(SigV4, DocumentedIamExample) {
    Request request{.query = "Action=ListUsers&Version=2010-05-08",
                    .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                                {"Host", "iam.amazonaws.com"},
                                {"X-Amz-Date", "20150830T123600Z"},
                                {"Authorization",
                                 "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                                 "SignedHeaders=content-type;host;x-amz-date, "
                                 "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}}};
    const auto canonical = canonical_request(request.view(), "content-type;host;x-amz-date", false);
    ASSERT_TRUE(canonical.has_value());
    EXPECT_EQ(crypto::sha256(*canonical).hex(), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    const auto signature = parse_signature(request.view());
    ASSERT_TRUE(signature.has_value());
    EXPECT_EQ(signature->access_key_id, "AKIDEXAMPLE");
    EXPECT_EQ(signature->service, "iam");
    EXPECT_EQ(signature->region, "us-east-1");
    EXPECT_EQ(signature->time, now);
    EXPECT_EQ(verdict(request), std::nullopt);
    EXPECT_EQ(verdict(request, {.now = now, .service = "iam", .region = "us-east-1"}), std::nullopt);
}

// The public aws-sig-v4-test-suite's signatures.
TEST(SigV4, SuiteSignatures) {
    const std::string vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    EXPECT_EQ(signature_of(example()), vanilla);
    for (const std::string path : {"", "//", "/./", "/example/..", "/example1/example2/../..", "/."}) {
        EXPECT_EQ(signature_of(example_path(path)), vanilla) << path;
    }
    EXPECT_EQ(signature_of(example_path("//example//")),
              "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84");
    EXPECT_EQ(signature_of(example_path("/\u1234")),
              "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    EXPECT_EQ(signature_of(example("Param2=value2&Param1=value1")),
              "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    EXPECT_EQ(signature_of(example("Param1=value1")),
              "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb");
    EXPECT_EQ(signature_of(example("", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}})),
              "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    EXPECT_EQ(signature_of(example("", {{"My-Header1", "value2"}, {"my-header1", "value2"}, {"My-Header1", "value1"}})),
              "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
    Request post = example();
    post.method = "POST";
    EXPECT_EQ(signature_of(post), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    post.headers.insert(post.headers.begin(), {"Content-Type", "application/x-www-form-urlencoded"});
    post.body = "Param1=value1";
    EXPECT_EQ(signature_of(post), "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

std::string canonical_line(Request request, std::size_t line) {
    const std::string text = canonical_request(request.view(), "host", false).value();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < line; ++i) begin = text.find('\n', begin) + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(SigV4, CanonicalPath) {
    const std::pair<std::string, std::string> cases[] = {
        {"/a%2Fb", "/a%252Fb"},         {"/tags/arn%3Aaws%3Aeks", "/tags/arn%253Aaws%253Aeks"},
        {"/a b/c", "/a%20b/c"},         {"/./a", "/a"},
        {"/a/./b/../c/", "/a/c/"},      {"/../../a", "/a"},
        {"/-._~azAZ09", "/-._~azAZ09"}, {"/\xc3\xbc", "/%C3%BC"}};
    for (const auto& [path, expected] : cases) EXPECT_EQ(canonical_line(example_path(path), 1), expected) << path;
}

TEST(SigV4, CanonicalQuery) {
    const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                         {"a", "a="},
                                                         {"a=&a", "a=&a="},
                                                         {"b=2&a=2&a=1&a=", "a=&a=1&a=2&b=2"},
                                                         {"a-b=1&a=2&ab=3", "a=2&a-b=1&ab=3"},
                                                         {"&a=1&&b=2&", "a=1&b=2"},
                                                         {"a=b=c", "a=b%3Dc"},
                                                         {"a=%2f&b=%41&c=+&d=%2B", "a=%2F&b=A&c=%20&d=%2B"},
                                                         {"\u1234=bar", "%E1%88%B4=bar"},
                                                         {"B=1&a=1", "B=1&a=1"},
                                                         {"a=~-._!*'()", "a=~-._%21%2A%27%28%29"}};
    for (const auto& [query, expected] : cases) EXPECT_EQ(canonical_line(example(query), 2), expected) << query;
    for (const std::string query : {"a=%", "a=%4", "a=%zz", "%x=1"}) {
        EXPECT_FALSE(canonical_request(example(query).view(), "host", false).has_value()) << query;
    }
}

TEST(SigV4, CanonicalHeaders) {
    Request request = example("", {{"X", "\t a  b\t\tc \r\n d "}, {"E", "  "}, {"x", "2"}});
    const auto text = canonical_request(request.view(), "e;host;x", false);
    ASSERT_TRUE(text.has_value());
    EXPECT_TRUE(text->contains("\ne:\nhost:example.amazonaws.com\nx:a b c d,2\n\ne;host;x\n")) << *text;
    EXPECT_FALSE(canonical_request(request.view(), "host;missing", false).has_value());
}

TEST(SigV4, HeaderRoundTripAndTampering) {
    Request base = example("b=2&a=1&a=", {{"X-Amz-Target", "Service.Operation"}, {"Content-Type", "text/plain"}});
    base.method = "POST";
    base.path = "/clusters/%C3%BC/x";
    base.body = "{\"a\":1}";
    Credentials session = credentials;
    session.session_token = "IQoJb3JpZ2luX2VjEXAMPLE//+=";
    const Request good = signed_request(base, session);
    EXPECT_EQ(verdict(good), std::nullopt);
    EXPECT_EQ(parse_signature(Request(good).view())->session_token, session.session_token);

    const auto tampered = [&good](auto&& change) {
        Request bad = good;
        change(bad);
        return verdict(bad);
    };
    const auto wrong = SignatureFailure::wrong_signature;
    EXPECT_EQ(tampered([](Request& r) { r.method = "PUT"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.path += "y"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.query += "&c=3"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.query = "b=2&a=1"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.body += " "; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.header("Host") = "other"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.header("X-Amz-Target") = "Service.Other"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.header("X-Amz-Security-Token") += "x"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.header("X-Amz-Date") = "20150830T123601Z"; }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.headers.emplace_back("X-Amz-Meta", "not signed"); }), wrong);
    EXPECT_EQ(tampered([](Request& r) { r.headers.emplace_back("x-other", "may be added"); }), std::nullopt);
    EXPECT_EQ(tampered([](Request& r) { r.query = "a=&a=1&b=2"; }), std::nullopt) << "order is no matter";
    const auto replaced = [&](std::string_view from, std::string_view to) {
        return tampered([&](Request& r) {
            std::string& value = r.header("Authorization");
            value.replace(value.find(from), from.size(), to);
        });
    };
    EXPECT_EQ(replaced("us-east-1", "us-west-2"), wrong);
    EXPECT_EQ(replaced("/service/", "/other/"), wrong);
    EXPECT_EQ(replaced("20150830/", "20150831/"), SignatureFailure::bad_scope);
    EXPECT_EQ(replaced("aws4_request", "aws4_other"), SignatureFailure::bad_scope);
    EXPECT_EQ(replaced("host;", ""), wrong);
    EXPECT_EQ(replaced("x-amz-date;", ""), wrong);
    const std::string& value = Request(good).header("Authorization");
    for (std::size_t i = value.size() - 64; i < value.size(); ++i) {
        EXPECT_EQ(tampered([i](Request& r) {
                      char& c = r.header("Authorization")[i];
                      c = c == '0' ? '1' : '0';
                  }),
                  wrong);
    }
    EXPECT_EQ(tampered([](Request& r) { r.header("Authorization").pop_back(); }), wrong);
    EXPECT_EQ(verdict(good, {.now = now}, Secret("another secret")), wrong) << "the cache knows the secret";
    EXPECT_EQ(verdict(good), std::nullopt);
}

TEST(SigV4, BodyDigestHeader) {
    Request base = example();
    base.method = "POST";
    base.body = "text";
    const auto with_digest = [&base](std::string digest) {
        Request request = base;
        request.headers.emplace_back("X-Amz-Content-Sha256", std::move(digest));
        return verdict(signed_request(request));
    };
    EXPECT_EQ(with_digest(crypto::sha256("text").hex()), std::nullopt);
    EXPECT_EQ(with_digest(crypto::sha256("other").hex()), SignatureFailure::wrong_signature);
    EXPECT_EQ(with_digest("UNSIGNED-PAYLOAD"), SignatureFailure::wrong_signature);
}

TEST(SigV4, PresignedRoundTripAndTampering) {
    Request good = example("Action=GetCallerIdentity&Version=2011-06-15", {{"x-k8s-aws-id", "cluster-a"}});
    Credentials session = credentials;
    session.session_token = "IQoJb3Jp//+=";
    good.query = presign_query(good.view(), session, "us-east-1", "sts", now, 60);
    EXPECT_EQ(verdict(good), std::nullopt);
    const auto parsed = parse_signature(good.view());
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(parsed->presigned);
    EXPECT_EQ(parsed->expires_seconds, 60);
    EXPECT_EQ(parsed->session_token, session.session_token);
    EXPECT_EQ(parsed->signed_headers, "host;x-k8s-aws-id");

    const auto with = [&good](auto&& change) {
        Request bad = good;
        change(bad);
        return verdict(bad);
    };
    EXPECT_EQ(with([](Request& r) { r.header("x-k8s-aws-id") = "cluster-b"; }), SignatureFailure::wrong_signature);
    EXPECT_EQ(with([](Request& r) { r.headers.pop_back(); }), SignatureFailure::wrong_signature);
    EXPECT_EQ(with([](Request& r) { r.body = "x"; }), SignatureFailure::wrong_signature);
    EXPECT_EQ(with([](Request& r) { r.query.replace(r.query.find("=60"), 3, "=61"); }),
              SignatureFailure::wrong_signature);
    const auto incomplete = SignatureFailure::incomplete_signature;
    EXPECT_EQ(with([](Request& r) { r.query += "&x-amz-signature=0"; }), incomplete);
    EXPECT_EQ(with([](Request& r) { r.query += "&X-Amz-Date=20150830T123600Z"; }), incomplete);
    EXPECT_EQ(with([](Request& r) { r.query.replace(r.query.find("=60"), 3, "=x"); }), incomplete);
    EXPECT_EQ(with([](Request& r) { r.query.replace(r.query.find("=60"), 3, "=604801"); }), incomplete);
    EXPECT_EQ(with([](Request& r) { r.query.replace(r.query.find("=60"), 3, "=-1"); }), incomplete);
    EXPECT_EQ(with([](Request& r) { r.headers.emplace_back("Authorization", "Bearer x"); }), incomplete);
    for (const std::string name : {"Algorithm", "Credential", "Date", "SignedHeaders", "Signature"}) {
        EXPECT_EQ(with([&](Request& r) { r.query.replace(r.query.find("X-Amz-" + name), 6, "X-Bmz-"); }), incomplete)
            << name;
    }
}

TEST(SigV4, Time) {
    const Request header = signed_request(example());
    const auto at = [](seconds offset) { return VerifyOptions{.now = now + offset}; };
    EXPECT_EQ(verdict(header, at(minutes(15))), std::nullopt);
    EXPECT_EQ(verdict(header, at(minutes(15) + seconds(1))), SignatureFailure::expired);
    EXPECT_EQ(verdict(header, at(-minutes(15))), std::nullopt);
    EXPECT_EQ(verdict(header, at(-minutes(15) - seconds(1))), SignatureFailure::not_yet_current);
    EXPECT_EQ(message_of(header, at(minutes(16))),
              "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T125200Z - 15 min.)");
    EXPECT_EQ(message_of(header, {.now = now - minutes(6), .future_seconds_max = 300}),
              "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 "
              "min.)");

    Request presigned = example();
    presigned.query = presign_query(presigned.view(), credentials, "us-east-1", "sts", now, 60);
    EXPECT_EQ(verdict(presigned, at(seconds(60))), std::nullopt);
    EXPECT_EQ(verdict(presigned, at(seconds(61))), SignatureFailure::expired);
    EXPECT_EQ(verdict(presigned, {.now = now + minutes(15), .ignore_expires = true}), std::nullopt);
    EXPECT_EQ(verdict(presigned, {.now = now + minutes(16), .ignore_expires = true}), SignatureFailure::expired);
}

TEST(SigV4, Scope) {
    const Request request = signed_request(example());
    EXPECT_EQ(message_of(request, {.now = now, .service = "iam"}),
              "Credential should be scoped to correct service: 'iam'. ");
    EXPECT_EQ(message_of(request, {.now = now, .region = "eu-west-1"}),
              "Credential should be scoped to a valid region. ");
    Request odd = example();
    for (auto& header : sign_request(odd.view(), credentials, "no region", "sts", now)) odd.headers.push_back(header);
    EXPECT_EQ(verdict(odd), SignatureFailure::bad_scope);
}

TEST(SigV4, Texts) {
    EXPECT_FALSE(has_signature(example().view()));
    EXPECT_EQ(verdict(example()), SignatureFailure::missing_token);
    const auto with = [](std::string authorization, Headers more = {{"X-Amz-Date", "20150830T123600Z"}}) {
        Request request = example("", std::move(more));
        request.headers.emplace_back("Authorization", std::move(authorization));
        return message_of(request);
    };
    EXPECT_EQ(with("AWS4-HMAC-SHA256", {}),
              "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
              "parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires "
              "existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256");
    EXPECT_FALSE(with("Bearer very-secret").contains("very-secret"));
    EXPECT_EQ(with("AWS4-HMAC-SHA256 Credential=a, b"),
              "'b' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 "
              "Credential=a, b'.");
    EXPECT_EQ(
        with("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"),
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'");
    constexpr std::string_view rest = "/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=0";
    EXPECT_EQ(with("AWS4-HMAC-SHA256 Credential=a/20150830" + std::string(rest), {{"X-Amz-Date", "now"}}),
              "Date must be in ISO-8601 'basic format'. Got 'now'. See http://en.wikipedia.org/wiki/ISO_8601");
    EXPECT_EQ(with("AWS4-HMAC-SHA256 Credential=a/20150829" + std::string(rest)),
              "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != "
              "'20150830', from '20150830T123600Z'.");
    EXPECT_EQ(with("AWS4-ECDSA-P256-SHA256 Credential=a"), "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.");
    EXPECT_TRUE(with("AWS4-HMAC-SHA256 Credential=a/20150830" + std::string(rest))
                    .starts_with("The request signature we calculated does not match"));
}

TEST(SigV4, RefusesRepetition) {
    const auto incomplete = SignatureFailure::incomplete_signature;
    for (const std::string name : {"authorization", "HOST", "x-amz-date", "X-Amz-Security-Token"}) {
        Request request = signed_request(example("", {{"X-Amz-Security-Token", "t"}}));
        request.headers.emplace_back(name, "x");
        EXPECT_EQ(verdict(request), incomplete) << name;
    }
    Request request = signed_request(example());
    std::string& value = request.header("Authorization");
    value += ", Signature=0";
    EXPECT_EQ(verdict(request), incomplete);
    request = signed_request(example());
    std::string& again = request.header("Authorization");
    again.replace(again.find("host;"), 5, "host;host;");
    EXPECT_EQ(verdict(request), incomplete);
}

TEST(SigV4, DateHeaderInPlaceOfAmzDate) {
    Request request = example("", {{"Date", "20150830T123600Z"}});
    const auto canonical = canonical_request(request.view(), "date;host", false).value();
    std::string key = "AWS4" + std::string(credentials.secret_key.expose());
    for (const std::string_view part : {"20150830", "us-east-1", "service", "aws4_request"}) {
        key = crypto::hmac_sha256(key, part).str();
    }
    const std::string text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n" +
                             crypto::sha256(canonical).hex();
    request.headers.emplace_back("Authorization",
                                 "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                                 "SignedHeaders=date;host,Signature=" +
                                     crypto::hmac_sha256(key, text).hex());
    EXPECT_EQ(verdict(request), std::nullopt);
    request.headers[1].second = "20150830T123601Z";
    EXPECT_EQ(verdict(request), SignatureFailure::wrong_signature);
}

}  // namespace
}  // namespace sekisho::wire
