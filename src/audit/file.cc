#include "audit/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace sekisho::audit {

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FileMap> FileMap::open(const std::filesystem::path& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return file_error("open " + path.string(), errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return file_error("stat " + path.string(), errno);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) return FileMap(nullptr, 0);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data == MAP_FAILED) return file_error("map " + path.string(), errno);
    return FileMap(data, size);
}

FileMap::~FileMap() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

ApiError file_error(std::string_view what, int error_number) {
    return errors::service_unavailable(std::string(what) + ": " + std::generic_category().message(error_number));
}

Result<void> write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return file_error("write", errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> sync_file(int descriptor) {
    if (::fdatasync(descriptor) != 0) return file_error("fdatasync", errno);
    return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file) return file_error("open " + folder.string(), errno);
    if (::fsync(file.get()) != 0) return file_error("fsync " + folder.string(), errno);
    return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes) {
    const std::string temporary = path.string() + ".new";
    {
        const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file) return file_error("create " + temporary, errno);
        SEK_TRY(write_all(file.get(), bytes));
        SEK_TRY(sync_file(file.get()));
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return file_error("rename " + temporary, errno);
    return sync_folder(path.parent_path());
}

}  // namespace sekisho::audit
