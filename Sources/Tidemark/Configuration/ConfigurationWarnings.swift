package import AWSCore

/// Variables that begin as ours do. Pure.
package enum OwnVariables {
    private static let prefix = "TIDEMARK_"
    /// Variables that are no settings of the runtime: the agent's data directory, and those of Tidemark's own scripts and tests.
    private static let others: Set<String> = [
        "TIDEMARK_CONFIG", "TIDEMARK_DATA", "TIDEMARK_BINARY", "TIDEMARK_FAULT_SOAK_CALLS", "TIDEMARK_FUZZ",
        "TIDEMARK_MINISTACK", "TIDEMARK_SHARED", "TIDEMARK_UPDATE_GOLDEN", "TIDEMARK_VECTORS",
    ]
    private static let prefixOfTests = "TIDEMARK_TEST_"

    /// Those that nothing reads, each with the one that was meant or what to do.
    package static func strangers(in names: some Sequence<String>) -> [AWSConfigurationError] {
        let known = Set(TidemarkSetting.all.flatMap(\.variables)).union(others)
        return names.filter { $0.hasPrefix(prefix) && !known.contains($0) && !$0.hasPrefix(prefixOfTests) }.sorted().map
        {
            AWSConfigurationError(
                cause: "\($0) is set, and nothing reads it",
                fix: meant(by: $0).map { "did you mean \($0)?" }
                    ?? "unset it; the article \"Configuration reference\" has the variables that there are")
        }
    }

    /// The variable that was meant: by the setting's name, or with some typing mistakes.
    private static func meant(by name: String) -> String? {
        var variables: [String: String] = ["CONFIG": "TIDEMARK_CONFIG"]
        for setting in TidemarkSetting.all {
            variables[setting.name.replacing("-", with: "_").uppercased()] = setting.variables[0]
            for variable in setting.variables {
                variables[variable.hasPrefix(prefix) ? String(variable.dropFirst(prefix.count)) : variable] = variable
            }
        }
        let said = String(name.dropFirst(prefix.count))
        return Spelling.nearest(to: said, in: variables.keys.sorted()).flatMap { variables[$0] }
    }
}

extension TidemarkConfiguration {
    /// What is allowed and hardly meant, one sentence each; a client says so in the log when it is made.
    public var warnings: [String] { reasonsToWarn.map(\.message) }

    /// The same, cause and fix apart.
    package var reasonsToWarn: [AWSConfigurationError] {
        OwnVariables.strangers(in: environmentVariables.keys) + loadingWarnings + [timeWarning].compactMap { $0 }
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
