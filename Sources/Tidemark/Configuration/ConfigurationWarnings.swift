package import AWSCore
internal import CurlTransport

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Variables that begin as ours do. Pure.
package enum OwnVariables {
    private static let prefix = "TIDEMARK_"
    /// Variables that are no settings of the runtime: the agent's data directory, and those of Tidemark's own scripts and tests.
    private static let others: Set<String> = [
        "TIDEMARK_CONFIG", "TIDEMARK_DATA", "TIDEMARK_BINARY", "TIDEMARK_FAULT_SOAK_CALLS", "TIDEMARK_FUZZ",
        "TIDEMARK_MINISTACK", "TIDEMARK_SHARED", "TIDEMARK_UPDATE_GOLDEN", "TIDEMARK_VECTORS",
    ]
    private static let prefixOfTests = "TIDEMARK_TEST_"

    /// A variable that nothing reads.
    package struct Stranger: Sendable, Equatable {
        package var name: String
        /// Those that may have been meant.
        package var meant: [String]

        /// What it is and what to do.
        package var warning: AWSConfigurationError {
            AWSConfigurationError(cause: cause, fix: fix)
        }

        /// Why no client may be made: the variable was to say that this is production, and nothing says so. Nil where that is not so.
        ///
        /// - Parameter environment: the name that holds.
        func refusal(_ value: String, environment: String) -> AWSConfigurationError? {
            guard meant == ["TIDEMARK_ENVIRONMENT"], EnvironmentKind(value) == .production,
                EnvironmentKind(environment) != .production
            else { return nil }
            return AWSConfigurationError(
                cause: "\(cause): it says production, and the environment \"\(environment)\" is none", fix: fix)
        }

        private var cause: String { "\(name) is set, and nothing reads it" }
        private var fix: String {
            meant.isEmpty
                ? "unset it; the article \"Configuration reference\" has the variables that there are"
                : "did you mean \(meant.joined(separator: " or "))?"
        }
    }

    /// Those that nothing reads.
    package static func strangers(in names: some Sequence<String>) -> [Stranger] {
        let known = Set(TidemarkSetting.all.flatMap(\.variables)).union(others)
        return names.filter { $0.hasPrefix(prefix) && !known.contains($0) && !$0.hasPrefix(prefixOfTests) }.sorted().map
        {
            Stranger(name: $0, meant: meant(by: $0))
        }
    }

    /// The variables that may have been meant: by the setting's name, with some typing mistakes, cut short, or with more behind it.
    private static func meant(by name: String) -> [String] {
        var variables: [String: String] = ["CONFIG": "TIDEMARK_CONFIG"]
        for setting in TidemarkSetting.all {
            variables[setting.name.replacing("-", with: "_").uppercased()] = setting.variables[0]
            for variable in setting.variables {
                variables[variable.hasPrefix(prefix) ? String(variable.dropFirst(prefix.count)) : variable] = variable
            }
        }
        let said = String(name.dropFirst(prefix.count))
        if let near = Spelling.nearest(to: said, in: variables.keys.sorted()) { return [variables[near] ?? ""] }
        let cut = variables.keys.filter {
            said.count >= shortestCut && $0.hasPrefix(said) || said.hasPrefix("\($0)_")
        }
        let found = Set(cut.compactMap { variables[$0] }).sorted()
        return found.count <= mostMeant ? found : []
    }

    /// Fewer letters than these may be the beginning of anything.
    private static let shortestCut = 3
    /// More variables than these are no answer to which one was meant.
    private static let mostMeant = 3
}

extension TidemarkConfiguration {
    /// What is allowed and hardly meant, one sentence each; a client says so in the log when it is made.
    public var warnings: [String] { reasonsToWarn.map(\.message) }

    /// The same, cause and fix apart.
    package var reasonsToWarn: [AWSConfigurationError] {
        OwnVariables.strangers(in: environmentVariables.keys).filter { refusal(of: $0) == nil }.map(\.warning)
            + loadingWarnings
            + [
                timeWarning,
                Self.descriptorWarning(connections: transport.maximumConnections, limit: Self.descriptorLimit),
            ].compactMap { $0 }
    }

    /// Variables that were to say that this is production, and do not.
    var misspeltProduction: [AWSConfigurationError] {
        OwnVariables.strangers(in: environmentVariables.keys).compactMap(refusal)
    }

    private func refusal(of stranger: OwnVariables.Stranger) -> AWSConfigurationError? {
        stranger.refusal(environmentVariables[stranger.name] ?? "", environment: environment)
    }

    /// How many descriptors this process may have.
    private static var descriptorLimit: UInt64 {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        return getrlimit(resource, &limit) == 0 ? UInt64(limit.rlim_cur) : .max
    }

    /// Where all connections together need more than there are: libcurl takes three for one that is being made.
    package static func descriptorWarning(connections: Int, limit: UInt64) -> AWSConfigurationError? {
        let needed = 3 * UInt64(max(0, connections)) + 32
        guard needed > limit else { return nil }
        return AWSConfigurationError(
            cause:
                "`max-connections` (\(connections)) needs about \(needed) file descriptors, and this process may have \(limit): "
                + "calls fail when there is none left",
            fix: "raise the limit (`ulimit -n`, `LimitNOFILE=`), or lower `max-connections`")
    }

    private static let stallsOpenNothing =
        "; nor do attempts that are cut so short open the circuit of a table that answers nothing"

    /// Whether calls end before a service's silence counts against it, which attempts that end by their own limits always do.
    private var opensNoCircuit: Bool {
        guard let circuit, callTimeout <= timeouts.firstByte else { return false }
        // The rest is what signing and connecting may take.
        return circuit.fitting(callTimeout: callTimeout).stall > callTimeout * 4 / 5
    }

    private var timeWarning: AWSConfigurationError? {
        guard callTimeout < timeouts.attempt else { return nil }
        return AWSConfigurationError(
            cause:
                "`call-timeout-ms` (\(callTimeout)) is below `attempt-timeout-ms` (\(timeouts.attempt)): an attempt that "
                + "stalls takes all of the call's time, and no other follows\(opensNoCircuit ? Self.stallsOpenNothing : "")",
            fix: "lower `attempt-timeout-ms`, or raise `call-timeout-ms`")
    }
}
