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

/// Shows the state over HTTP from a thread of its own: / (page), /status.json, /metrics. Read only: any other
/// method or path is refused. The run never waits for a client.
class StatusServer : public StatusTarget {
  public:
    /// @throws IoError when the address cannot be listened at
    explicit StatusServer(Address const& address);
    ~StatusServer() override;

    void show(StatusTexts const& texts) override;

    [[nodiscard]] int port() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vaster::monitor
