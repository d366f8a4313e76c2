#pragma once
// AWS's names of the states of stacks and resources.
#include <string_view>

namespace sekisho::cloudformation_service::status {

inline constexpr std::string_view create_in_progress = "CREATE_IN_PROGRESS";
inline constexpr std::string_view create_complete = "CREATE_COMPLETE";
inline constexpr std::string_view create_failed = "CREATE_FAILED";
inline constexpr std::string_view rollback_in_progress = "ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view rollback_complete = "ROLLBACK_COMPLETE";
inline constexpr std::string_view rollback_failed = "ROLLBACK_FAILED";
inline constexpr std::string_view delete_in_progress = "DELETE_IN_PROGRESS";
inline constexpr std::string_view delete_complete = "DELETE_COMPLETE";
inline constexpr std::string_view delete_failed = "DELETE_FAILED";
inline constexpr std::string_view delete_skipped = "DELETE_SKIPPED";
inline constexpr std::string_view update_in_progress = "UPDATE_IN_PROGRESS";
inline constexpr std::string_view update_cleanup = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";
inline constexpr std::string_view update_complete = "UPDATE_COMPLETE";
inline constexpr std::string_view update_failed = "UPDATE_FAILED";
inline constexpr std::string_view update_rollback = "UPDATE_ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view update_rollback_cleanup = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS";
inline constexpr std::string_view update_rollback_complete = "UPDATE_ROLLBACK_COMPLETE";
inline constexpr std::string_view update_rollback_failed = "UPDATE_ROLLBACK_FAILED";
inline constexpr std::string_view review_in_progress = "REVIEW_IN_PROGRESS";

// Something is being done to the stack.
constexpr bool is_busy(std::string_view status) {
    return status.ends_with("_IN_PROGRESS") && status != review_in_progress;
}

}  // namespace sekisho::cloudformation_service::status
