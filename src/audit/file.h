#pragma once
// Files as the trail needs them: descriptors that close themselves, whole writes, read-only maps. Errors name the
// system's reason in their cause.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::audit {

class File {
 public:
    File() = default;
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept;
    ~File();
    int get() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }

 private:
    int descriptor_ = -1;
};

// A read-only view of a file's bytes as they were when it was made.
class FileMap {
 public:
    static Result<FileMap> open(const std::filesystem::path& path);
    FileMap(FileMap&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    FileMap& operator=(FileMap&&) = delete;
    ~FileMap();
    std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
    FileMap(void* data, std::size_t size) : data_(data), size_(size) {}
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

// 503 with "what: reason" as its cause.
ApiError file_error(std::string_view what, int error_number);
Result<void> write_all(int descriptor, std::string_view bytes);
Result<void> sync_file(int descriptor);
Result<void> sync_folder(const std::filesystem::path& folder);
// Whole or not at all, and on the disk: a temporary file, synced, then renamed.
Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace sekisho::audit
