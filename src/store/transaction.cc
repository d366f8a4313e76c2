#include "store/engine.h"
#include "store/layout.h"
#include "store/store.h"

namespace sekisho::store {

// Snapshot

Snapshot& Snapshot::operator=(Snapshot&& other) noexcept {
    if (this == &other) return *this;
    release();
    view_ = std::exchange(other.view_, nullptr);
    return *this;
}

void Snapshot::release() {
    if (view_ != nullptr) std::exchange(view_, nullptr)->release();
}

std::optional<Value> Snapshot::get(std::string_view key) const {
    return view_->get(key);
}

void Snapshot::scan(const Range& range, Direction direction, Visitor visitor) const {
    view_->scan(range, direction, visitor);
}

Revision Snapshot::revision() const {
    return view_->revision();
}

std::uint64_t Snapshot::snapshot_number() const {
    return view_->snapshot_number();
}

std::uint64_t Snapshot::store_number() const {
    return view_->store_number;
}

const crypto::KeyRing* Snapshot::key_ring() const {
    return view_->key_ring;
}

// Reads

void Reads::compact() {
    Reads each_once;
    std::ranges::sort(entries_, {}, [&](const Entry& entry) { return text_of(entry); });
    std::string_view last;
    for (const Entry& entry : entries_) {
        const auto text = text_of(entry);
        if (!each_once.entries_.empty() && text == last) continue;  // one snapshot: one revision
        each_once.entries_.push_back({each_once.texts_.size(), text.size(), entry.revision});
        each_once.texts_.append(text);
        last = text;
    }
    each_once.compact_at_ = std::max(compact_at_, 2 * each_once.entries_.size());
    *this = std::move(each_once);
}

// Transaction

Transaction::~Transaction() = default;

std::optional<Value> Transaction::get(std::string_view key) const {
    if (const auto written = writes_.find(key); written != writes_.end()) {
        if (!written->second) return std::nullopt;
        return Value{*written->second, 0};
    }
    const auto value = base().get(key);
    reads_.add(key, value ? value->revision : 0);
    return value;
}

bool Transaction::note_read(std::string_view key, Revision revision) const {
    if (writes_.contains(key)) return false;
    reads_.add(key, revision);
    return true;
}

void Transaction::scan(const Range& range, Direction direction, Visitor visitor) const {
    if (writes_.empty()) return base().scan(range, direction, visitor);
    if (direction == Direction::forward) return scan_forward(range, visitor);
    scan_backward(range, visitor);
}

// Both merge the rows below with this transaction's own writes, which come first where both have a key.
void Transaction::scan_forward(const Range& range, const Visitor& visitor) const {
    if (!range.to.empty() && range.to <= range.from) return;
    auto own = writes_.lower_bound(range.from);
    const auto end = range.to.empty() ? writes_.end() : writes_.lower_bound(range.to);
    bool go_on = true;
    const auto visit_own = [&] {
        if (own->second) go_on = visitor(own->first, *own->second, 0);
        ++own;
    };
    base().scan(range, Direction::forward, [&](std::string_view key, std::string_view bytes, Revision revision) {
        while (go_on && own != end && own->first < key) visit_own();
        if (!go_on) return false;
        if (own != end && own->first == key) {
            visit_own();
        } else {
            go_on = visitor(key, bytes, revision);
        }
        return go_on;
    });
    while (go_on && own != end) visit_own();
}

void Transaction::scan_backward(const Range& range, const Visitor& visitor) const {
    if (!range.to.empty() && range.to <= range.from) return;
    auto own = std::make_reverse_iterator(range.to.empty() ? writes_.end() : writes_.lower_bound(range.to));
    const auto end = std::make_reverse_iterator(writes_.lower_bound(range.from));
    bool go_on = true;
    const auto visit_own = [&] {
        if (own->second) go_on = visitor(own->first, *own->second, 0);
        ++own;
    };
    base().scan(range, Direction::backward, [&](std::string_view key, std::string_view bytes, Revision revision) {
        while (go_on && own != end && own->first > key) visit_own();
        if (!go_on) return false;
        if (own != end && own->first == key) {
            visit_own();
        } else {
            go_on = visitor(key, bytes, revision);
        }
        return go_on;
    });
    while (go_on && own != end) visit_own();
}

void Transaction::put(std::string_view key, std::string_view bytes) {
    const auto written = writes_.lower_bound(key);
    if (written != writes_.end() && written->first == key) {
        written->second.emplace(bytes);
    } else {
        writes_.emplace_hint(written, key, bytes);
    }
}

void Transaction::erase(std::string_view key) {
    const auto written = writes_.lower_bound(key);
    if (written != writes_.end() && written->first == key) {
        written->second.reset();
    } else {
        writes_.emplace_hint(written, key, std::nullopt);
    }
}

std::size_t Transaction::enqueue(Effect effect) {
    effects_.push_back(std::move(effect));
    return effects_.size() - 1;
}

void Transaction::read_guard(std::string_view guard) const {
    get(row_prefix(guard_table).append(guard));
}

void Transaction::bump_guard(std::string_view guard) {
    put(row_prefix(guard_table).append(guard), {});
}

Transaction& Transaction::on_refusal() {
    if (outer_ != nullptr) return *this;
    if (!refusal_) refusal_.reset(new Transaction(this));
    return *refusal_;
}

bool Transaction::empty() const {
    if (refused_) return !refusal_ || refusal_->empty();
    return writes_.empty() && effects_.empty();
}

}  // namespace sekisho::store
