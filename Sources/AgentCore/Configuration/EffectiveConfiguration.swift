import AWSCore
import ContractEngine
import Telemetry

/// A setting that the command line gives.
public struct AgentOption: Sendable {
    /// The setting's name, as in the file.
    public var setting: String
    /// The option, as it was written: `--period`.
    public var option: String
    /// The value, as it was written.
    public var value: String

    /// An option of the command line.
    public init(_ setting: String, option: String, value: String) {
        self.setting = setting
        self.option = option
        self.value = value
    }
}

/// The configuration that holds, and where each value comes from: the command line, else the file, else the environment,
/// else the default.
public struct EffectiveConfiguration: Sendable {
    /// Where a value comes from.
    public enum Origin: Sendable, Equatable {
        /// An option of the command line.
        case option(String)
        /// A line of the file, from 1.
        case file(line: Int)
        /// A variable of the environment.
        case variable(String)
        /// Nobody said anything.
        case standard
    }

    /// The file that was read; nil where none was named.
    public var path: String?
    /// What holds.
    public var configuration: AgentConfiguration
    /// By setting; a setting that is missing has its default.
    public var origins: [String: Origin] = [:]
    /// The contract's documents as they were named, by setting.
    public var documents: [String: String] = [:]

    /// Reads the file, if one is named, and puts options and environment around it.
    ///
    /// - Parameter refusesSmallBudget: whether a budget that cannot be kept is a mistake of the file.
    /// - Throws: `AgentError` of the code `configuration` with everything that is wrong, one line each with file, line,
    ///   column and setting.
    public static func load(
        path: String?, options: [AgentOption] = [], environment: [String: String], refusesSmallBudget: Bool = true
    ) throws(AgentError) -> EffectiveConfiguration {
        var file = ConfigurationFile("", path: path ?? "")
        if let path {
            guard let bytes = FileSystem.read(path) else {
                throw AgentError(
                    code: .configuration,
                    message: "\(path): the configuration cannot be read: \(FileSystem.currentReason); "
                        + (FileSystem.lacksDescriptors
                            ? "raise the limit (ulimit -n, LimitNOFILE=)." : "name another file with --config."))
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw AgentError(
                    code: .configuration, message: "\(path): the configuration is not UTF-8 text; save it as such.")
            }
            file = ConfigurationFile(text, path: path)
        }
        var result = EffectiveConfiguration(
            path: path,
            configuration: AgentConfiguration(
                telemetryDirectory: TelemetryDirectory.resolve(environment: environment),
                dataDirectory: AgentConfiguration.defaultDataDirectory(environment: environment)))
        try result.apply(&file, options, environment)
        if refusesSmallBudget { result.checkBudget(&file) }
        if let error = file.error { throw error }
        return result
    }

    private mutating func apply(
        _ file: inout ConfigurationFile, _ options: [AgentOption], _ environment: [String: String]
    ) throws(AgentError) {
        for setting in AgentSetting.all {
            if let option = options.first(where: { $0.setting == setting.name }) {
                guard let value = setting.kind.value(ofText: option.value) else {
                    let unit = setting.unit.isEmpty ? "" : ", in \(setting.unit)"
                    throw AgentError(
                        code: .configuration,
                        message: "\(option.option) is \"\(option.value)\", and must be \(setting.kind.allowed)\(unit).")
                }
                take(value, setting, from: .option(option.option))
            } else if let entry = file.entries[setting.name] {
                take(entry.value, setting, from: .file(line: entry.line))
            } else if let name = setting.variables.first(where: { !(environment[$0] ?? "").isEmpty }) {
                origins[setting.name] = .variable(name)
            }
        }
        try checkDirectories(&file)
        checkRetention(&file)
        checkEndpoint(&file, environment)
        try readContract(&file)
    }

    private func checkBudget(_ file: inout ConfigurationFile) {
        guard file.entries["budget-dollars-a-month"] != nil, let problem = configuration.budgetProblem else { return }
        file.blame("budget-dollars-a-month", "is too small: \(problem)")
    }

    private mutating func take(_ value: AgentSetting.Value, _ setting: AgentSetting, from origin: Origin) {
        if Self.documentNames.contains(setting.name) {
            documents[setting.name] = value.textValue
        } else {
            configuration.take(value, for: setting.name)
        }
        origins[setting.name] = origin
    }

    private func checkDirectories(_ file: inout ConfigurationFile) throws(AgentError) {
        guard let problem = configuration.directoryProblem else { return }
        // In a file it was refused when that was read.
        let isShellsHome = [configuration.telemetryDirectory, configuration.dataDirectory]
            .contains(where: TelemetryDirectory.isShellsHome)
        if isShellsHome { throw AgentError(code: .configuration, message: "\(problem).") }
        let named = ["data-directory", "telemetry-directory"].first { name in
            if case .file = origins[name] { true } else { false }
        }
        guard let named else { throw AgentError(code: .configuration, message: "\(problem).") }
        file.blame(named, "cannot stay: \(problem)")
    }

    private func checkRetention(_ file: inout ConfigurationFile) {
        let history = configuration.history
        if history.fineHours > history.fiveMinuteDays * 24 {
            file.blame(
                origins["keep-fine-hours"] == nil ? "keep-5m-days" : "keep-fine-hours",
                "makes the fine windows stay \(history.fineHours) h, longer than those of five minutes "
                    + "(\(Self.days(history.fiveMinuteDays))); keep-5m-days must be the longer")
        }
        if history.fiveMinuteDays > history.hourDays {
            file.blame(
                origins["keep-5m-days"] == nil ? "keep-1h-days" : "keep-5m-days",
                "makes the windows of five minutes stay \(Self.days(history.fiveMinuteDays)), longer than those of an hour "
                    + "(\(Self.days(history.hourDays))); keep-1h-days must be the longer")
        }
    }

    private static func days(_ number: Int) -> String { "\(number) day\(number == 1 ? "" : "s")" }

    private func checkEndpoint(_ file: inout ConfigurationFile, _ environment: [String: String]) {
        if let region = file.entries["region"]?.value.textValue {
            do {
                _ = try AWSEndpoint.resolveRegion(explicit: region, environment: [:])
            } catch {
                file.blame("region", "names no region: \(error.message)")
            }
        }
        if let url = file.entries["cloudwatch-endpoint"]?.value.textValue {
            do {
                _ = try AWSEndpoint.resolve(
                    service: .cloudWatch, explicit: url, region: "us-east-1", environment: [:])
            } catch {
                file.blame("cloudwatch-endpoint", "cannot be used: \(error.message)")
            }
        }
    }
}

extension EffectiveConfiguration {
    /// The settings that together make the contract.
    static let documentNames = ["contract", "patterns", "model", "mapping"]

    private mutating func readContract(_ file: inout ConfigurationFile) throws(AgentError) {
        // A contract of the command line comes with the command line's own documents.
        if case .option = origins["contract"] {
            for name in Self.documentNames {
                if case .file = origins[name] {
                    documents[name] = nil
                    origins[name] = nil
                }
            }
        }
        guard documents["contract"] != nil else {
            for name in Self.documentNames.dropFirst() where documents[name] != nil {
                guard case .file = origins[name] else {
                    throw AgentError(
                        code: .configuration, message: "--\(name) needs a contract beside it: add --contract.")
                }
                file.blame(name, "needs a `contract` beside it; add it")
            }
            return
        }
        var isWhole = true
        for name in Self.documentNames {
            guard case .file = origins[name], let path = documents[name], !FileSystem.canRead(path) else { continue }
            file.blame(name, "names \(path), which cannot be read: \(FileSystem.currentReason)")
            isWhole = false
        }
        guard isWhole else { return }
        do {
            configuration.contract = try ContractDocument.load(
                contractPath: documents["contract"] ?? "", patternsPath: documents["patterns"],
                modelPath: documents["model"], mappingPath: documents["mapping"])
        } catch {
            guard case .file = origins["contract"] else {
                throw AgentError(code: .configuration, message: error.message)
            }
            file.blame("contract", "cannot be used: \(error.message)")
        }
    }
}

extension AgentConfiguration {
    /// Reads a configuration file; `EffectiveConfiguration.load` says besides where each value comes from.
    ///
    /// - Parameter environment: the environment variables, for the directories that the file does not name.
    /// - Throws: `AgentError` with everything that is wrong.
    public static func load(path: String, environment: [String: String]) throws(AgentError) -> AgentConfiguration {
        try EffectiveConfiguration.load(path: path, environment: environment).configuration
    }
}
