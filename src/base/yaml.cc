#include "base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <charconv>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/text.h"

namespace sekisho {
namespace {

struct Refused {
    std::string what;
};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    for (std::string_view word : words) {
        if (text == word) return true;
    }
    return false;
}

// YAML 1.1's types of plain scalars (yaml.org/type), as go-yaml resolves them.
json::value resolve_plain(std::string_view text) {
    if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) return nullptr;
    if (is_one_of(text, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) return true;
    if (is_one_of(text, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) return false;
    std::string digits;
    for (char c : text) {
        if (c != '_') digits.push_back(c);
    }
    const bool signed_number = digits[0] == '+' || digits[0] == '-' || digits[0] == '.';
    if (!signed_number && std::isdigit(static_cast<unsigned char>(digits[0])) == 0) return json::string(text);
    const char* begin = digits.data() + (digits[0] == '+' ? 1 : 0);
    const char* end = digits.data() + digits.size();
    int base = 10;
    if (end - begin > 2 && begin[0] == '0' && (begin[1] == 'x' || begin[1] == 'o' || begin[1] == 'b')) {
        base = begin[1] == 'x' ? 16 : begin[1] == 'o' ? 8 : 2;
        begin += 2;
    } else if (end - begin > 1 && begin[0] == '0') {
        base = 8;
    }
    std::int64_t integer = 0;
    if (auto read = std::from_chars(begin, end, integer, base); read.ec == std::errc() && read.ptr == end) {
        return integer;
    }
    double number = 0;
    if (auto read = std::from_chars(begin, end, number);
        begin != end && read.ec != std::errc::invalid_argument && read.ptr == end) {
        return number;
    }
    return json::string(text);
}

// Builds the JSON value from the parser's events. Anchored nodes are copied where an alias names them, so sizes are
// counted after expansion.
class Builder final : public YAML::EventHandler {
 public:
    explicit Builder(const YamlDialect& dialect) : dialect_(dialect) {}
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { scalar(nullptr, anchor); }
    void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
        const bool is_plain = tag == "?" || tag.empty();
        scalar(is_plain ? dialect_.plain(text) : with_tag(tag, json::string(text)), anchor);
    }
    void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
        auto found = anchors_.find(anchor);
        if (found == anchors_.end()) throw Refused{"an alias inside its own anchor"};
        count(found->second.nodes, found->second.bytes);
        add(json::value(found->second.value));
    }
    void OnSequenceStart(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(json::array(), tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(json::object(), tag, anchor);
    }
    void OnMapEnd() override { close(); }

    json::value take() { return std::move(root_); }

 private:
    struct Open {
        json::value value;
        std::string tag;
        YAML::anchor_t anchor;
        std::size_t nodes_before;
        std::size_t bytes_before;
        bool has_key = false;
        std::string key;
    };
    struct Anchored {
        json::value value;
        std::size_t nodes;
        std::size_t bytes;
    };

    // Tags of YAML's own ("tag:yaml.org,2002:str", "!" of quoted text, "?") only tell what the text shows.
    json::value with_tag(const std::string& tag, json::value value) {
        if (dialect_.tagged == nullptr || tag.size() < 2 || tag[0] != '!') return value;
        auto made = dialect_.tagged(tag, std::move(value));
        if (!made) throw Refused{made.error().message};
        return std::move(*made);
    }
    void count(std::size_t nodes, std::size_t bytes) {
        nodes_ += nodes;
        bytes_ += bytes;
        if (nodes_ > limits::yaml_nodes_max || bytes_ > limits::yaml_bytes_max) throw Refused{"too much content"};
    }
    void scalar(json::value value, YAML::anchor_t anchor) {
        const std::size_t bytes = value.is_string() ? value.get_string().size() : 8;
        count(1, bytes);
        if (anchor != 0) anchors_[anchor] = {value, 1, bytes};
        add(std::move(value));
    }
    void open(json::value value, const std::string& tag, YAML::anchor_t anchor) {
        if (open_.size() >= limits::json_depth_max) throw Refused{"nested too deeply"};
        const std::size_t nodes = nodes_;
        const std::size_t bytes = bytes_;
        count(1, 0);
        open_.push_back({std::move(value), tag, anchor, nodes, bytes, false, {}});
    }
    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        done.value = with_tag(done.tag, std::move(done.value));
        if (done.anchor != 0)
            anchors_[done.anchor] = {done.value, nodes_ - done.nodes_before, bytes_ - done.bytes_before};
        add(std::move(done.value));
    }
    void add(json::value value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return;
        }
        Open& parent = open_.back();
        if (parent.value.is_array()) {
            parent.value.get_array().push_back(std::move(value));
        } else if (!parent.has_key) {
            if (value.is_structured()) throw Refused{"a list or map as a key"};
            parent.key = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
            parent.has_key = true;
        } else {
            const bool is_new = parent.value.get_object().insert_or_assign(parent.key, std::move(value)).second;
            if (!is_new && dialect_.unique_keys) throw Refused{fmt::format("the key {} comes twice", parent.key)};
            parent.has_key = false;
        }
    }

    const YamlDialect& dialect_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Anchored> anchors_;
    json::value root_;
    std::size_t nodes_ = 0;
    std::size_t bytes_ = 0;
};

// Which YAML has no place for; the parser makes bytes of them that were never there.
bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r';
}

ApiError yaml_error(std::string message) {
    return ApiError{.code = "InvalidYaml", .message = std::move(message)};
}

}  // namespace

Result<json::value> read_yaml(std::string_view text, const YamlDialect& dialect) {
    if (text.size() > limits::yaml_bytes_max) return yaml_error("yaml: too long");
    if (!is_valid_utf8(text)) return yaml_error("yaml: not UTF-8");
    if (std::ranges::any_of(text, is_control)) return yaml_error("yaml: control characters are not allowed");
    try {
        std::istringstream input{std::string(text)};
        YAML::Parser parser(input);
        YamlDialect complete = dialect;
        if (complete.plain == nullptr) complete.plain = resolve_plain;
        Builder builder(complete);
        if (!parser.HandleNextDocument(builder)) return json::value(nullptr);
        return builder.take();
    } catch (const Refused& reached) {
        return yaml_error(fmt::format("yaml: {}", reached.what));
    } catch (const YAML::Exception& error) {
        return yaml_error(
            fmt::format("yaml: line {}, column {}: {}", error.mark.line + 1, error.mark.column + 1, error.msg));
    } catch (const std::exception& error) {
        return yaml_error(fmt::format("yaml: {}", error.what()));
    }
}

}  // namespace sekisho
