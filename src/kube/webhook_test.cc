#include "kube/webhook.h"

#include <gtest/gtest.h>

namespace sekisho::kube {
namespace {

EksToken token_with(const std::string& signature) {
    EksToken token;
    token.host = "sts.us-east-1.amazonaws.com";
    token.raw_query = "Action=GetCallerIdentity&X-Amz-Signature=" + signature;
    token.signature = signature;
    return token;
}

TEST(VerifiedTokens, TheWholeTextIsWhatIsRemembered) {
    VerifiedTokens verified;
    const auto token = token_with("a1");
    EXPECT_FALSE(verified.has(token, "c"));
    verified.add(token, "c");
    EXPECT_TRUE(verified.has(token, "c"));
    EXPECT_FALSE(verified.has(token, "other"));
    auto other = token;
    other.raw_query += "&X-Amz-Expires=900";
    EXPECT_FALSE(verified.has(other, "c"));
    other = token;
    other.host = "sts.amazonaws.com";
    EXPECT_FALSE(verified.has(other, "c"));
    EXPECT_FALSE(verified.has(token_with("a2"), "c"));
}

TEST(VerifiedTokens, AFloodTakesNoMoreMemory) {
    VerifiedTokens verified;
    const auto first = token_with("first");
    verified.add(first, "c");
    for (int i = 0; i < 5000; ++i) verified.add(token_with(std::to_string(i)), "c");
    EXPECT_FALSE(verified.has(first, "c"));
    EXPECT_TRUE(verified.has(token_with("4999"), "c"));
}

}  // namespace
}  // namespace sekisho::kube
