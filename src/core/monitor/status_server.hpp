#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/monitor/status_publisher.hpp"

namespace vaster::monitor {

/// Where a status server listens.
struct Address {
    std::string host = "127.0.0.1";
    int port = 0;  ///< 0: any that is free
};

/// "8080", "0.0.0.0:8080", "[::1]:8080". @throws UsageError that says what is wanted
[[nodiscard]] Address parse_address(std::string_view text);

/// 32 hexadecimal digits that nobody can guess. @throws IoError
[[nodiscard]] std::string new_token();

/// Shows the state over HTTP from a thread of its own: / (page), /status.json, /metrics. Read only: any other
/// method or path is refused, and so is whoever does not know the token (403): other users of the host can
/// reach the port. The run never waits for a client.
class StatusServer : public StatusTarget {
  public:
    /// @param token  asked for as ?token=..., or as the bearer token of the Authorization header; empty: none
    /// @throws IoError when the address cannot be listened at
    StatusServer(Address const& address, std::string token);
    ~StatusServer() override;

    void show(StatusTexts const& texts) override;

    [[nodiscard]] int port() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vaster::monitor
