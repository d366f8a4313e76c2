#pragma once
// The files of a trail's folder, by name: <8-digit sequence>-<YYYYMMDDTHHMMSSZ>.jsonl and the same with .digest.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace sekisho::audit {

struct SegmentFile {
    std::uint64_t sequence = 0;
    Time started_at{};
    std::string name;  // of the segment, also when only its digest is there
    bool has_segment = false;
    bool has_digest = false;
};

std::string segment_name(std::uint64_t sequence, Time started_at);
std::string digest_name(std::string_view segment);
// In order of sequence; other files are left out.
Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& folder);

// The lines of a text, last first, empty ones left out. False: `visit` said stop.
bool each_line_backward(std::string_view text, const std::function<bool(std::string_view line)>& visit);
std::uint64_t count_lines(std::string_view text);
// The value of the "eventID" member that audit::print has written; empty: none.
std::string_view find_event_id(std::string_view line);

}  // namespace sekisho::audit
