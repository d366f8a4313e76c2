#pragma once
// A QR code as an SVG image (libqrencode), error correction level M, with the quiet zone of four modules that readers
// need (ISO/IEC 18004 6.3.8). Dark on white whatever the page's colours are, without script, style or outer references.
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::control_service {

// Error (internal): the text is too long for a QR code.
Result<std::string> make_qr_svg(std::string_view text);

}  // namespace sekisho::control_service
