public import AWSCore
internal import CurlTransport

extension TidemarkConfiguration {
    /// A configuration from code, environment, file and AWS's shared files, in this order: what comes first wins, setting by
    /// setting. The article "Configuration reference" has them all.
    ///
    ///     let configuration = try TidemarkConfiguration.load(
    ///         file: "/etc/shop/tidemark.yaml", code: ["call-timeout-ms": 2_000])
    ///
    /// - Parameters:
    ///   - path: the file, YAML or, where its name ends in `.json`, JSON; nil for `TIDEMARK_CONFIG` or else none.
    ///   - code: settings by name.
    ///   - variables: the environment.
    /// - Throws: `configuration` with everything that is wrong, one line each; with file, line and column where it is in a file.
    public static func load(
        file path: String? = nil, code: [String: SettingValue] = [:],
        environment variables: [String: String] = ProcessEnvironment.current()
    ) throws(TidemarkError) -> TidemarkConfiguration {
        switch diagnosed(file: path, code: code, environment: variables) {
        case .success(let configuration): return configuration
        case .failure(let problems):
            throw TidemarkError(
                code: .configuration, message: problems.all.map(\.sentence).joined(separator: "\n"))
        }
    }

    /// Everything that keeps a configuration from being one.
    package struct Problems: Error {
        /// At least one.
        package var all: [ConfigurationProblem]
        /// Where credentials would come from, by the settings that can be read.
        package var credentials: CredentialChain
        /// Where telemetry would go; nil where the settings that can be read say nothing.
        package var telemetryDirectory: String?
        /// Whether calls would be recorded.
        package var recordsCalls: Bool
        /// The settings as far as they are known.
        package var report: ConfigurationReport
        /// What is allowed and hardly meant, besides.
        package var warnings: [AWSConfigurationError]

        init(_ all: [ConfigurationProblem], _ layers: SettingLayers, isFileKnown: Bool = true) {
            report = ConfigurationReport(layers, all, isFileKnown: isFileKnown)
            warnings =
                OwnVariables.strangers(in: layers.variables.keys).map(\.warning)
                + AWSProfile(environment: layers.variables).warnings
            self.all = all
            credentials = layers.credentials
            if let (text, origin) = layers.chosen["telemetry-directory"], origin != .variable("RUNTIME_DIRECTORY") {
                telemetryDirectory = text
            }
            recordsCalls = layers.chosen["record-calls"]?.text.lowercased() != "false"
        }
    }

    /// As `load`, with what is wrong taken apart, for whoever helps to mend it.
    package static func diagnosed(
        file path: String? = nil, code: [String: SettingValue] = [:], environment variables: [String: String]
    ) -> Result<TidemarkConfiguration, Problems> {
        let named = path ?? variables["TIDEMARK_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        var layers = SettingLayers(code: code, variables: variables, file: nil)
        var isFileKnown = named == nil
        do {
            if let named {
                let bytes = try read(named, isFromVariable: path == nil)
                layers = SettingLayers(code: code, variables: variables, file: (named, bytes))
                isFileKnown = true
            }
            let (endpoint, retry, problems) = resolved(layers)
            guard problems.isEmpty, let endpoint, let retry else { return .failure(Problems(problems, layers)) }
            return .success(
                try TidemarkConfiguration(layers, endpoint: endpoint, retry: retry, original: variables))
        } catch let error as AWSConfigurationError {
            let problem = ConfigurationProblem(cause: error.cause, fix: error.fix)
            return .failure(Problems([problem], layers, isFileKnown: isFileKnown))
        } catch {
            let message = (error as? TidemarkError)?.message ?? "\(error)"
            return .failure(Problems([ConfigurationProblem(cause: message, fix: "")], layers))
        }
    }

    /// A configuration from environment variables, the file that `TIDEMARK_CONFIG` names, and AWS's shared files.
    ///
    /// - Throws: `configuration`, with one sentence for each thing that is wrong.
    public static func fromEnvironment(
        _ variables: [String: String] = ProcessEnvironment.current()
    ) throws(TidemarkError) -> TidemarkConfiguration {
        try load(environment: variables)
    }

    private static func read(_ path: String, isFromVariable: Bool) throws(AWSConfigurationError) -> [UInt8] {
        if let bytes = try SmallFile.read(path) { return bytes }
        throw AWSConfigurationError(
            cause: "\(path) is not there",
            fix: isFromVariable ? "check TIDEMARK_CONFIG, which names it" : "check the path")
    }

    /// What the layers come to, and everything that is wrong with them.
    private static func resolved(
        _ layers: SettingLayers
    ) -> (AWSEndpoint?, RetryPolicy?, [ConfigurationProblem]) {
        let variables = layers.variables
        var explicitEndpoint: String?
        if let (text, origin) = layers.chosen["endpoint"] {
            if case .variable = origin {} else { explicitEndpoint = text }
        }
        let endpoint = AWSEndpoint.diagnosed(
            service: .dynamoDB, explicit: explicitEndpoint, environment: variables, places: layers.places)
        let profile = AWSProfile(environment: variables)
        // A file that cannot be read is the endpoint's problem already.
        let retry = RetryPolicy.diagnosed(
            for: .dynamoDB, environment: variables, profile: (try? profile.settings()) ?? [:]
        ) { "\($0) of \(profile.line(of: $0))" }
        var found: [AWSConfigurationError] = []
        if case .failure(let problems) = endpoint { found += problems.all }
        found += nameProblems(service: layers.service, environment: layers.environment, places: layers.places)
        if case .failure(let problems) = retry { found += problems.all }
        // What is wrong with a file or a variable may be the reason.
        if !layers.problems.isEmpty { found.removeAll { $0.cause == AWSEndpoint.noRegion } }
        let problems = layers.problems + found.map { ConfigurationProblem(cause: $0.cause, fix: $0.fix) }
        return (try? endpoint.get(), try? retry.get(), problems)
    }

    private init(
        _ layers: SettingLayers, endpoint: AWSEndpoint, retry: RetryPolicy, original: [String: String]
    ) throws {
        try self.init(
            endpoint: endpoint, credentials: layers.credentials, service: layers.service,
            environment: layers.environment)
        self.retry = retry
        let place = AWSProfile(environment: layers.variables)
        for setting in TidemarkSetting.all {
            // This one's other variable may name several directories; the writer has its own rules for it.
            guard let (text, origin) = layers.chosen[setting.name], origin != .variable("RUNTIME_DIRECTORY") else {
                continue
            }
            take(text, for: setting.name)
        }
        environmentVariables = original.filter { Self.isKept($0.key) }
        loadingWarnings = place.warnings
        for setting in TidemarkSetting.all {
            let layer = layers.chosen[setting.name]
            var origin = layer?.origin ?? .standard
            if setting.name == "endpoint" {
                origin = try Self.originOfEndpoint(origin, place, original)
            } else if layer == nil, let key = setting.profileKey, let found = try place.place(of: key) {
                origin = .profile(found)
            }
            let profileText = layer == nil ? try setting.profileKey.flatMap { try place.value(of: $0) } : nil
            origins[setting.name] = LoadedSetting(
                text: text(of: setting.name) ?? layer?.text ?? profileText, origin: origin)
        }
    }

    /// - Parameter layer: of a layer; `standard` where none has it, so that the profile is asked.
    private static func originOfEndpoint(
        _ layer: SettingOrigin, _ profile: AWSProfile, _ variables: [String: String]
    ) throws -> SettingOrigin {
        switch layer {
        case .variable, .standard:
            if AWSEndpoint.ignoresConfiguredURLs(variables) { return .standard }
            guard layer == .standard else { return layer }
            let place = try profile.servicesURL(of: .dynamoDB)?.source ?? profile.place(of: "endpoint_url")
            return place.map { .profile($0) } ?? .standard
        default: return layer
        }
    }

    /// What directories are looked for in, and what may be a misspelt variable of ours; any other may hold a secret.
    private static func isKept(_ name: String) -> Bool {
        if ["RUNTIME_DIRECTORY", "STATE_DIRECTORY", "HOME"].contains(name) { return true }
        let isSecret = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "_KEY", "AUTH"].contains {
            name.uppercased().contains($0)
        }
        return name.hasPrefix("TIDEMARK_") && !isSecret
    }
}

extension SettingLayers {
    /// The service's name.
    var service: String { chosen["service"]?.text ?? TidemarkConfiguration.programName }

    /// The environment's name.
    var environment: String { chosen["environment"]?.text ?? "default" }

    /// Where the credentials come from.
    var credentials: CredentialChain {
        var profile: String?
        if let (text, origin) = chosen["profile"], origin == .code { profile = text }
        return .default(
            environment: variables, profile: profile,
            allowsProcess: chosen["credential-process"]?.text.lowercased() != "false",
            rules: ProductionRules.rules(in: environment), places: places,
            usesProxy: chosen["use-proxy"]?.text.lowercased() != "false")
    }
}

extension TidemarkConfiguration: CustomStringConvertible, CustomReflectable {
    /// Service, environment and endpoint; no secret.
    public var description: String { "TidemarkConfiguration(\(service), \(environment), \(endpoint.shownURL))" }
    /// `dump` and mirrors show the report's lines.
    public var customMirror: Mirror {
        Mirror(self, children: report().lines.map { ($0.name, "\($0.value) (\($0.origin))" as Any) })
    }
}
