/// The words that scripts/lib/torture_words.py reads and writes too.
package enum ControlWord {
    /// The simulated time in nanoseconds since 1970; the agent moves it, writers start at it.
    package static let time = 0
    /// Ticks that have begun.
    package static let begun = 1
    /// Ticks that have ended.
    package static let done = 2
    /// The agent begins no tick beyond this one; 0 lets it run.
    package static let allowed = 3
    /// Counts the sends, for the dice of what becomes of them: they go on where the last agent stopped.
    package static let sends = 4
    package static let count = 8
}

/// What a writer witnesses: for each thread, pattern and outcome, calls begun and calls ended.
package enum WitnessLayout {
    package static let patterns = 16
    package static let outcomes = 14
    /// 1 once all threads record.
    package static let ready = 0
    package static let threads = 1
    package static let header = 8

    package static func count(threads: Int) -> Int { header + threads * patterns * outcomes * 2 }

    package static func begun(thread: Int, pattern: Int, outcome: Int) -> Int {
        header + ((thread * patterns + pattern) * outcomes + outcome) * 2
    }

    /// How many attempts a call of this kind takes: no number to remember.
    package static func attempts(pattern: Int, outcome: Int) -> Int { 1 + (pattern + outcome) % 3 }

    package static func name(pattern: Int) -> String { "AP\(pattern)" }
}

/// What the sink counts: calls by service and pattern, in two halves, of which `generation` names the valid one, so that a
/// request counts as a whole or not at all.
package enum SinkLayout {
    package static let generation = 0
    package static let requests = 1
    package static let header = 8
    package static let services = 16
    /// The last one takes every pattern of another name.
    package static let patterns = WitnessLayout.patterns + 1
    package static let half = services * patterns
    package static let count = header + 2 * half

    package static func service(_ name: String) -> Int? {
        guard name.hasPrefix("service-"), let number = Int(name.dropFirst(8)), number < services else { return nil }
        return number
    }

    package static func pattern(_ name: String) -> Int {
        guard name.hasPrefix("AP"), let number = Int(name.dropFirst(2)), number < patterns - 1 else {
            return patterns - 1
        }
        return number
    }
}
