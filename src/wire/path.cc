#include "wire/path.h"

#include "base/text.h"

namespace sekisho::wire {

std::string Path::print() const {
    if (step_ == Step::root) return {};
    std::string text = up_->print();
    if (step_ == Step::member) {
        if (!text.empty()) text += '.';
        return text + lower_first(name_);
    }
    text += '.';
    text += step_ == Step::element ? std::to_string(index_) : std::string(name_);
    return text + ".member";
}

std::string lower_first(std::string_view name) {
    std::string text(name);
    if (!text.empty()) text.front() = lower_ascii(text.front());
    return text;
}

}  // namespace sekisho::wire
