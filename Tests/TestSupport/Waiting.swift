/// A condition did not come about.
public struct WaitingFailed: Error, CustomStringConvertible {
    /// What was waited for.
    public let description: String

    /// An error that says what was waited for.
    public init(description: String) {
        self.description = description
    }
}

/// Waits until the condition holds, asking it every millisecond, and throws after half a minute: a limit against hanging,
/// not a measurement.
public func waitUntil(
    _ what: String, limit: Duration = .seconds(30), _ condition: @Sendable () async -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while await !condition() {
        guard ContinuousClock.now < end else { throw WaitingFailed(description: "waited in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(1))
    }
}
