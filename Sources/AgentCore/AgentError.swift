/// Why the agent, its store or its configuration cannot be used: one sentence that says where and what to do.
public struct AgentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem it is; a command maps it to its exit code.
    public enum Code: Sendable, Equatable {
        /// A configuration file or value is wrong.
        case configuration
        /// A directory is missing, not ours, or not writable.
        case directory
        /// Another agent already works in this directory.
        case alreadyRunning
        /// The store cannot be opened, read or written.
        case store
        /// The store's file is damaged: the agent sets it aside and goes on with a new one.
        case storeDamaged
        /// The store's disk is full; counters stay in the telemetry files until there is room.
        case diskFull
    }

    /// The kind of problem.
    public var code: Code
    /// One sentence: where, what, and what to do.
    public var message: String

    /// An error with its sentence.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
