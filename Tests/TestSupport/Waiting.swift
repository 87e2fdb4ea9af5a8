/// A condition did not come about.
public struct WaitingFailed: Error, CustomStringConvertible {
    /// What was waited for.
    public let description: String

    /// An error that says what was waited for.
    public init(description: String) {
        self.description = description
    }
}

/// Waits until the condition holds, asking it every millisecond, and throws after 30,000 times: a limit against hanging, not
/// a measurement. Time is not asked: where other tests keep every thread busy for a minute, nothing could have come about.
public func waitUntil(
    _ what: String, times: Int = 30_000, _ condition: @Sendable () async -> Bool
) async throws {
    for _ in 0..<times {
        if await condition() { return }
        try await Task.sleep(for: .milliseconds(1))
    }
    guard await condition() else { throw WaitingFailed(description: "waited in vain: \(what)") }
}
