#include "wire/xml_codec.h"

#include <gtest/gtest.h>

#include "models/iam.h"

namespace sekisho::wire {
namespace {

TEST(Xml, Parses) {
    const auto root = parse_xml(
        "<?xml version=\"1.0\"?>\n<!-- c --><a x=\"1>2\" y='&'><ns:b>1 &lt; 2 &#x65E5;&#65;</ns:b><c/>"
        "<d><![CDATA[<x>&]]></d></a>\n");
    ASSERT_TRUE(root) << root.error().cause;
    EXPECT_EQ(root->name, "a");
    ASSERT_EQ(root->children.size(), 3u);
    EXPECT_EQ(root->find("b")->text, "1 < 2 \xE6\x97\xA5\x41");
    EXPECT_EQ(root->find("c")->text, "");
    EXPECT_EQ(root->find("d")->text, "<x>&");
    EXPECT_EQ(root->find("e"), nullptr);
}

TEST(Xml, RefusesWhatIsNotWellFormed) {
    for (const auto* text :
         {"", "x", "<a>", "<a></b>", "<a/><b/>", "<a>&nope;</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>",
          "<a>&lt</a>", "<a", "<a b=\"", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<>x</>", "<a><![CDATA[x</a>",
          "<a><!-- </a>", "<a>\xff</a>"}) {
        EXPECT_FALSE(parse_xml(text)) << text;
    }
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    EXPECT_FALSE(parse_xml(deep));
}

TEST(Xml, PassesOverWhatIsUnknown) {
    const auto root = parse_xml(
        "<r><New>1</New><User><UserName>n</UserName><CreateDate>2026-11-24T00:00:00Z</CreateDate></User></r>");
    ASSERT_TRUE(root);
    iam::GetUserResponse response;
    ASSERT_TRUE(decode_xml(iam::GetUserResponse::shape, *root, &response));
    EXPECT_EQ(response.user.user_name, "n");
    EXPECT_EQ(format_iso8601(response.user.create_date), "2026-11-24T00:00:00Z");
    const auto bad = parse_xml("<r><User><CreateDate>today</CreateDate></User></r>");
    EXPECT_FALSE(decode_xml(iam::GetUserResponse::shape, *bad, &response));
}

}  // namespace
}  // namespace sekisho::wire
