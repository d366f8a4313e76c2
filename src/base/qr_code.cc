#include "base/qr_code.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <cstdint>
#include <iterator>
#include <memory>

namespace sekisho {
namespace {

constexpr int quiet = 4;

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};
using Code = std::unique_ptr<QRcode, FreeCode>;

Result<Code> encode(std::string_view text) {
    const std::string terminated(text);
    Code code(QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_M));
    if (!code) return errors::internal_failure("QR code: the text does not fit");
    return code;
}

// Outside of the code is the quiet zone: light.
bool is_dark(const QRcode& code, int row, int column) {
    const bool is_inside = row >= 0 && row < code.width && column >= 0 && column < code.width;
    return is_inside && (code.data[row * code.width + column] & 1) != 0;
}

void put_number(std::string& out, std::uint32_t number) {  // PNG is big endian
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t crc32(std::string_view bytes) {  // REC-png-3, annex D
    std::uint32_t crc = 0xffffffff;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? 0xedb88320 ^ crc >> 1 : crc >> 1;
    }
    return ~crc;
}

void put_chunk(std::string& png, std::string_view type, std::string_view data) {
    put_number(png, static_cast<std::uint32_t>(data.size()));
    const auto body = std::string(type).append(data);
    png += body;
    put_number(png, crc32(body));
}

// A zlib stream of stored blocks (RFC 1950; RFC 1951 3.2.4): an image of 8 KiB is not worth a compressor.
std::string store_uncompressed(std::string_view bytes) {
    constexpr std::size_t block_bytes_max = 65'535;
    std::string stream = "\x78\x01";
    std::uint32_t low = 1;
    std::uint32_t high = 0;
    for (const char byte : bytes) {
        low = (low + static_cast<unsigned char>(byte)) % 65'521;
        high = (high + low) % 65'521;
    }
    do {
        const auto block = bytes.substr(0, block_bytes_max);
        bytes.remove_prefix(block.size());
        const auto size = static_cast<std::uint16_t>(block.size());
        stream += bytes.empty() ? '\x01' : '\x00';
        for (const auto word : {size, static_cast<std::uint16_t>(~size)}) {
            stream += static_cast<char>(word & 0xff);
            stream += static_cast<char>(word >> 8);
        }
        stream += block;
    } while (!bytes.empty());
    put_number(stream, high << 16 | low);
    return stream;
}

}  // namespace

Result<std::string> make_qr_svg(std::string_view text) {
    SEK_TRY(const auto code, encode(text));
    const int side = code->width + 2 * quiet;
    std::string svg = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="{1}" height="{1}" shape-rendering="crispEdges"><rect width="{0}" height="{0}" fill="#fff"/><path fill="#000" d=")",
        side, side * 5);
    for (int row = 0; row < code->width; ++row) {
        for (int column = 0; column < code->width;) {
            if (!is_dark(*code, row, column)) {
                ++column;
                continue;
            }
            int end = column;
            while (is_dark(*code, row, end)) ++end;
            fmt::format_to(std::back_inserter(svg), "M{} {}h{}v1h-{}z", column + quiet, row + quiet, end - column,
                           end - column);
            column = end;
        }
    }
    return svg + R"("/></svg>)";
}

Result<std::string> make_qr_png(std::string_view text) {
    SEK_TRY(const auto code, encode(text));
    constexpr int scale = 4;
    const int side = (code->width + 2 * quiet) * scale;
    std::string rows;
    for (int y = 0; y < side; ++y) {
        rows += '\0';  // the row's filter: none
        for (int x = 0; x < side; x += 8) {
            int byte = 0;
            for (int bit = 0; bit < 8; ++bit) {
                const bool is_white = !is_dark(*code, y / scale - quiet, (x + bit) / scale - quiet);
                byte = byte << 1 | (is_white ? 1 : 0);
            }
            rows += static_cast<char>(byte);
        }
    }
    std::string header;
    put_number(header, static_cast<std::uint32_t>(side));
    put_number(header, static_cast<std::uint32_t>(side));
    header.append("\x01\x00\x00\x00\x00", 5);  // one bit a pixel, grey; the only compression, filter, no interlace
    std::string png = "\x89PNG\r\n\x1a\n";
    put_chunk(png, "IHDR", header);
    put_chunk(png, "IDAT", store_uncompressed(rows));
    put_chunk(png, "IEND", {});
    return png;
}

}  // namespace sekisho
