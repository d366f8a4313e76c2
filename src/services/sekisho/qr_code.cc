#include "services/sekisho/qr_code.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <iterator>
#include <memory>

namespace sekisho::control_service {

Result<std::string> make_qr_svg(std::string_view text) {
    const std::string terminated(text);
    const std::unique_ptr<QRcode, void (*)(QRcode*)> code(QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_M),
                                                          QRcode_free);
    if (!code) return errors::internal_failure("QR code: the text does not fit");
    constexpr int quiet = 4;
    const int width = code->width;
    const int side = width + 2 * quiet;
    std::string svg = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="{1}" height="{1}" shape-rendering="crispEdges"><rect width="{0}" height="{0}" fill="#fff"/><path fill="#000" d=")",
        side, side * 5);
    for (int row = 0; row < width; ++row) {
        for (int column = 0; column < width;) {
            const auto is_dark = [&](int at) { return (code->data[row * width + at] & 1) != 0; };
            if (!is_dark(column)) {
                ++column;
                continue;
            }
            int end = column;
            while (end < width && is_dark(end)) ++end;
            fmt::format_to(std::back_inserter(svg), "M{} {}h{}v1h-{}z", column + quiet, row + quiet, end - column,
                           end - column);
            column = end;
        }
    }
    return svg + R"("/></svg>)";
}

}  // namespace sekisho::control_service
