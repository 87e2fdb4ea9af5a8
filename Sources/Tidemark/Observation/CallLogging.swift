public import Logging

/// How calls are logged: one event a call, through swift-log, without payloads.
///
/// A fault is logged as an error; what a caller may expect (a condition that did not hold, a cancellation) as information;
/// a success as information where it is sampled or slow, and for debugging otherwise.
public struct CallLogging: Sendable {
    /// Of how many successes one is logged as information; the others are for debugging. 1 logs every one; 0 none.
    /// Default 100. Slow calls (`slowCallThreshold`) always are.
    public var successSampling = 100
    /// The level of a sampled or slow success. Default `info`.
    public var successLevel = Logger.Level.info
    /// The level of a fault. Default `error`.
    public var failureLevel = Logger.Level.error
    /// The secret under which partition keys are named in the log, at least 32 bytes. With the content of the agent's
    /// `hotkey.secret` a key has the name that `tidemark hotkeys` shows. Default: a random one of this process, so that
    /// one key's calls can be told from another's, and no more.
    public var keySecret: [UInt8]?

    /// The defaults.
    public init() {}

    /// Every call, successes as information.
    public static let everyCall: CallLogging = {
        var logging = CallLogging()
        logging.successSampling = 1
        return logging
    }()
}

/// Without the secret.
extension CallLogging: CustomStringConvertible, CustomReflectable {
    /// "1 of 100 successes as info, faults as error"
    public var description: String {
        "1 of \(successSampling) successes as \(successLevel), faults as \(failureLevel)"
    }

    /// What a dump shows.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "successSampling": successSampling, "successLevel": successLevel, "failureLevel": failureLevel,
                "keySecret": keySecret == nil ? "none" : "…",
            ])
    }
}
