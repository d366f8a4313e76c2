#include "base/qr_code.h"

#include <gtest/gtest.h>
#include <qrencode.h>

#include <memory>

namespace sekisho {
namespace {

constexpr std::string_view text = "otpauth://totp/Sekisho:ada@111222333444?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return number;
}

// The rows of a PNG as we write it: one IDAT of one stored block.
struct Image {
    std::uint32_t side = 0;
    std::string_view rows;

    explicit Image(std::string_view png) {
        EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
        constexpr std::size_t header = 8;
        EXPECT_EQ(png.substr(header + 4, 4), "IHDR");
        side = number_at(png, header + 8);
        EXPECT_EQ(number_at(png, header + 12), side);
        constexpr std::size_t data = header + 12 + 13;
        EXPECT_EQ(png.substr(data + 4, 4), "IDAT");
        constexpr std::size_t before = 2 + 5;  // zlib's header, the block's
        constexpr std::size_t after = 4;       // Adler-32
        rows = png.substr(data + 8 + before, number_at(png, data) - before - after);
        // The checksum of IEND is a constant of the standard.
        EXPECT_EQ(png.substr(png.size() - 8), "IEND\xae\x42\x60\x82");
    }
    bool is_dark(std::uint32_t x, std::uint32_t y) const {
        const std::size_t row_bytes = 1 + (side + 7) / 8;
        return (static_cast<unsigned char>(rows.at(y * row_bytes + 1 + x / 8)) >> (7 - x % 8) & 1) == 0;
    }
};

TEST(QrCode, ThePngHoldsTheCode) {
    const auto png = make_qr_png(text).value();
    const Image image(png);
    const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
        QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_M), QRcode_free);
    const auto width = static_cast<std::uint32_t>(code->width);
    ASSERT_EQ(image.side, (width + 8) * 4);
    for (std::uint32_t y = 0; y < image.side; ++y) {
        for (std::uint32_t x = 0; x < image.side; ++x) {
            const std::uint32_t column = x / 4 - 4;  // wraps in the quiet zone
            const std::uint32_t row = y / 4 - 4;
            const bool is_dark = row < width && column < width && (code->data[row * width + column] & 1) != 0;
            ASSERT_EQ(image.is_dark(x, y), is_dark) << x << " " << y;
        }
    }
}

TEST(QrCode, TheSvgNeedsNothingElse) {
    const auto svg = make_qr_svg(text).value();
    EXPECT_TRUE(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
    EXPECT_EQ(svg.find("href"), std::string::npos);
}

TEST(QrCode, RefusesWhatDoesNotFit) {
    const std::string long_text(5000, 'x');
    EXPECT_FALSE(make_qr_svg(long_text).has_value());
    EXPECT_FALSE(make_qr_png(long_text).has_value());
}

}  // namespace
}  // namespace sekisho
