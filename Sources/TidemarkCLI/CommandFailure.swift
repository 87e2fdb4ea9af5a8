import AWSCore
import AgentCore
import ContractEngine
import Glibc
import Monitoring
import Tidemark

/// The exit codes of every command.
enum ExitStatus: Int32 {
    case done = 0
    /// The command worked and found something: lint findings, drift, an alarm in ALARM.
    case findings = 1
    /// A command line or an input file that cannot be understood.
    case usage = 2
    /// Cannot reach, not allowed, or a port or directory that cannot be used.
    case unavailable = 3
    /// Refused, because going on could harm.
    case refused = 4
}

/// What ends a command early: one sentence for a person, and the exit code.
struct CommandFailure: Error {
    var status: ExitStatus
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The failure that an error of the libraries means to a person, or nil for ArgumentParser's own.
    init?(describing error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ContractError: self.init(.usage, error.message)
        case let error as AlarmPolicyError: self.init(.usage, error.message)
        case let error as AWSConfigurationError: self.init(.unavailable, error.message)
        case let error as AWSFailure: self.init(.unavailable, error.description)
        case let error as TidemarkError:
            self.init(.unavailable, error.code == .configuration ? error.message : error.description)
        case let error as AgentError: self.init(error.code == .configuration ? .usage : .unavailable, error.message)
        case let error as AlarmPlanError: self.init(.usage, error.message)
        case let error as DashboardError: self.init(.usage, error.message)
        case let error as SeriesReplayError: self.init(.usage, error.description)
        case let error as AlarmApplyError: self.init(error.isRefusal ? .refused : .unavailable, error.message)
        default: return nil
        }
    }
}

extension AlarmApplyError {
    /// Whether nothing was done, because a name is somebody else's.
    fileprivate var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}
