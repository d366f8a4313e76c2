#pragma once
// Server: one home, served. Holds every room together and knows the order in which they start and stop.
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/configuration.h"
#include "server/home.h"

namespace sekisho::server {

class Server {
 public:
    // Opens the home (which stays locked), starts the rooms and listens. Errors: the home is in use or damaged, the
    // address cannot be bound.
    static Result<std::unique_ptr<Server>> start(Home home, Configuration configuration);
    ~Server();  // stop()

    const std::string& url() const;        // https://127.0.0.1:7443, where it listens
    const std::string& admin_url() const;  // http://127.0.0.1:40123
    // Refuses new requests, finishes those under way, ends clusters, syncs and closes. A second call does nothing.
    void stop();

 private:
    struct Rooms;
    explicit Server(std::unique_ptr<Rooms> rooms);
    std::unique_ptr<Rooms> rooms_;
};

// `sekisho serve`: starts a server, calls `ready` with its URL, and runs until SIGTERM or SIGINT.
Result<void> serve(Home home, Configuration configuration, const std::function<void(const std::string& url)>& ready);

// "0.1.0", from the build.
std::string_view version();

}  // namespace sekisho::server
