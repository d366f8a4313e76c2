#pragma once
// The home's certificate authorities and its audit key (design section 6): *server* issues for our own names and is the
// only one that `sekisho trust` installs; *door* issues for AWS host names only and is handed to clients by
// AWS_CA_BUNDLE.
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "crypto/jose.h"
#include "net/listener.h"
#include "server/home.h"

namespace sekisho::server {

inline constexpr std::string_view server_authority_file = "server-ca.pem";
inline constexpr std::string_view door_authority_file = "door-ca.pem";
// Both, for AWS_CA_BUNDLE: clients meet the one certificate at the endpoint, the other behind the door.
inline constexpr std::string_view bundle_file = "ca-bundle.pem";

struct Keys {
    crypto::CertificateAuthority server;
    crypto::CertificateAuthority door;
    crypto::SigningKey audit;
};

// Makes all of them in a new home; `public_host` is a name or an address.
Result<void> create_keys(const Home& home, std::string_view public_host, Time now, Random& random);
Result<Keys> load_keys(const Home& home);
// The public half of the audit key needs no master key.
Result<crypto::PublicKey> load_audit_key(const Home& home);

// Certificates live this long and are issued anew at each start and when a third of that is left.
inline constexpr days certificate_days_max{90};
// For the public host, localhost and the loopback addresses.
Result<net::Certificate> issue_server_certificate(const Keys& keys, std::string_view public_host, Time now,
                                                  Random& random);
Result<net::Certificate> issue_door_certificate(const Keys& keys, std::string_view host, Time now, Random& random);

}  // namespace sekisho::server
