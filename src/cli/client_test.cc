#include "cli/client.h"

#include <gtest/gtest.h>

namespace sekisho::cli {
namespace {

TEST(ProfileValueTest, ReadsTheDefaultProfileOnly) {
    constexpr std::string_view ini =
        "[other]\naws_access_key_id = AKIAOTHER\n[default]\n# aws_access_key_id = AKIAREMARK\n"
        "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key=a=b\n[profile last]\nregion = eu-west-1\n";
    EXPECT_EQ(profile_value(ini, "aws_access_key_id"), "AKIAEXAMPLE");
    EXPECT_EQ(profile_value(ini, "aws_secret_access_key"), "a=b");
    EXPECT_EQ(profile_value(ini, "region"), "");
}

}  // namespace
}  // namespace sekisho::cli
