#pragma once
// The portal: server-rendered pages for people (sign-in, second factor, invitation, consent, accounts and roles). Pages
// hold no rules of their own: they call operations through the pipeline, as the person of the session cookie.
#include <memory>
#include <string_view>

#include "net/http.h"
#include "operation/pipeline.h"

namespace sekisho::portal {

class Portal {
 public:
    // The pipeline, and what its environment points to, outlive the portal.
    explicit Portal(operation::Pipeline& pipeline) : pipeline_(pipeline) {}

    // Answers one request for a page or an asset. Returns at once; answers from here or from another thread.
    void serve(net::Request&& request, net::Responder responder) const;

    // Whether a path (without its query) is the portal's.
    static bool is_portal_path(std::string_view path);

 private:
    operation::Pipeline& pipeline_;
};

}  // namespace sekisho::portal
