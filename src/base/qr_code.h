#pragma once
// QR codes (libqrencode), error correction level M, with the quiet zone of four modules that readers need (ISO/IEC
// 18004 6.3.8). Dark on white whatever a page's colours are.
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho {

// Error of both (internal): the text is too long for a QR code.
// An SVG image without script, style or outer references.
Result<std::string> make_qr_svg(std::string_view text);
// A PNG image (W3C REC-png-3): one bit a pixel, four pixels a module.
Result<std::string> make_qr_png(std::string_view text);

}  // namespace sekisho
