#include "audit/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>

#include "audit/file.h"

namespace sekisho::audit {

namespace {

constexpr std::string_view segment_suffix = ".jsonl";
constexpr std::string_view digest_suffix = ".digest";
constexpr std::size_t stem_length = 8 + 1 + 16;

bool parse_stem(std::string_view stem, SegmentFile& file) {
    if (stem.size() != stem_length || stem[8] != '-') return false;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + 8, file.sequence);
    const auto time = parse_iso8601_basic(stem.substr(9));
    if (error != std::errc() || end != stem.data() + 8 || !time) return false;
    file.started_at = *time;
    file.name = std::string(stem) + std::string(segment_suffix);
    return true;
}

}  // namespace

std::string segment_name(std::uint64_t sequence, Time started_at) {
    return fmt::format("{:08}-{}{}", sequence, format_iso8601_basic(started_at), segment_suffix);
}

std::string digest_name(std::string_view segment) {
    segment.remove_suffix(segment_suffix.size());
    return std::string(segment) + std::string(digest_suffix);
}

Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& folder) {
    std::map<std::string, SegmentFile> found;  // names sort as their sequences do
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const std::string suffix = entry->path().extension().string();
        if (suffix != segment_suffix && suffix != digest_suffix) continue;
        SegmentFile file;
        if (!parse_stem(std::string_view(name).substr(0, name.size() - suffix.size()), file)) continue;
        SegmentFile& kept = found.try_emplace(file.name, file).first->second;
        (suffix == segment_suffix ? kept.has_segment : kept.has_digest) = true;
    }
    if (error) return file_error("list " + folder.string(), error.value());
    std::vector<SegmentFile> files;
    files.reserve(found.size());
    for (auto& [name, file] : found) files.push_back(std::move(file));
    return files;
}

bool each_line_backward(std::string_view text, const std::function<bool(std::string_view line)>& visit) {
    while (!text.empty()) {
        if (text.back() == '\n') text.remove_suffix(1);
        const std::size_t newline = text.rfind('\n');
        const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
        const std::string_view line = text.substr(start);
        text = text.substr(0, start);
        if (!line.empty() && !visit(line)) return false;
    }
    return true;
}

std::uint64_t count_lines(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

std::string_view find_event_id(std::string_view line) {
    // Texts within a record have their quotes escaped, so this can only be a member's name; the last one is the
    // record's own, as parameters come before it.
    constexpr std::string_view name = "\"eventID\":\"";
    const std::size_t at = line.rfind(name);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + name.size();
    const std::size_t end = line.find('"', start);
    return end == std::string_view::npos ? std::string_view() : line.substr(start, end - start);
}

}  // namespace sekisho::audit
