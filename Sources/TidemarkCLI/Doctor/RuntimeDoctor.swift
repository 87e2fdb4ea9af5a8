import AWSCore
import AgentCore
import CurlTransport
import Telemetry
import Tidemark

/// Looks at everything that the runtime needs in a service, changes nothing, and says what to do.
struct RuntimeDoctor {
    let file: String?
    let table: String?
    let isOffline: Bool
    let environment: [String: String]
    /// What the settings came to, as far as they can be read; nil before anything was looked at.
    private(set) var settings: ConfigurationReport?
    private var checks: [DoctorReport.Check] = []

    init(file: String?, table: String?, isOffline: Bool, environment: [String: String]) {
        self.file = file
        self.table = table
        self.isOffline = isOffline
        self.environment = environment
    }

    mutating func examine() async -> DoctorReport {
        switch TidemarkConfiguration.diagnosed(file: file, environment: environment) {
        case .failure(let problems):
            settings = problems.report
            for problem in problems.all { add("configuration", .problem, problem.cause, problem.fix) }
            for warning in problems.warnings { add("configuration", .warning, warning.cause, warning.fix) }
            // What does not hang on it is looked at nevertheless: whoever mends one thing wants to know the next.
            lookAtTelemetry(problems.telemetryDirectory, isRecorded: problems.recordsCalls)
            if isOffline {
                sayOrigin(problems.credentials)
            } else {
                _ = await lookAtCredentials(problems.credentials)
            }
        case .success(var configuration):
            settings = configuration.report()
            configuration.recordsCalls = false
            lookAtSettings(configuration)
            lookAtTelemetry(
                configuration.telemetryDirectory,
                isRecorded: settings?.lines.first { $0.name == "record-calls" }?.value == "true")
            if isOffline {
                sayOrigin(configuration.credentials)
            } else {
                await ask(configuration)
            }
        }
        return DoctorReport(at: .now(), checks: checks)
    }

    mutating func add(_ area: String, _ verdict: DoctorReport.Verdict, _ what: String, _ fix: String = "") {
        checks.append(
            .init(area, verdict, what.withoutControls, fix: fix.isEmpty ? "" : fix.withoutControls.capitalizedSentence))
    }

    // MARK: Settings

    private mutating func lookAtSettings(_ configuration: TidemarkConfiguration) {
        let area = "configuration"
        let set = settings?.lines.count { !$0.isDefault } ?? 0
        add(
            area, .ok,
            "it is valid: \(set) of \(settings?.lines.count ?? 0) values are set, the others have their defaults")
        for refusal in configuration.reasonsToRefuse {
            add(area, .problem, "it is refused: \(refusal.cause)", refusal.fix)
        }
        add(
            area, .ok,
            "the environment \"\(configuration.environment)\" is taken for "
                + EnvironmentKind(configuration.environment).words)
        if configuration.environment == "default" {
            add(
                area, .warning, "the environment has no name, so that a test's metrics and production's look alike",
                "set TIDEMARK_ENVIRONMENT: production, development, test or a name of your own")
        }
        for warning in configuration.reasonsToWarn { add(area, .warning, warning.cause, warning.fix) }
        do throws(TransportError) {
            try configuration.transport.check()
        } catch {
            // The sentence of a proxy has what to do.
            let fix = "correct `certificate-authorities` and the connections' limits"
            add(area, .problem, error.message, configuration.transport.refusesProxy ? "" : fix)
        }
    }

    // MARK: Telemetry

    private mutating func lookAtTelemetry(_ directory: String?, isRecorded: Bool) {
        let area = "telemetry directory"
        guard isRecorded else {
            return add(area, .ok, "nothing is recorded (`record-calls` is false)")
        }
        let path = directory ?? TelemetryDirectory.resolve(environment: environment)
        do {
            let found = try TelemetryDirectory.rehearse(path)
            guard found.isInMemory else {
                return add(
                    area, .warning, "\(path) is not on tmpfs: writing back to disk can stall a call for hundreds of ms",
                    "use a directory under /run or /dev/shm")
            }
            add(
                area, .ok,
                found.isThere
                    ? "\(path) can be used, and is on tmpfs" : "\(path) is not there yet; the service can make it")
        } catch {
            add(area, .problem, error.message, TelemetryDirectory.advice(for: path))
        }
    }

    // MARK: Credentials

    private mutating func sayOrigin(_ credentials: any CredentialProvider) {
        do throws(AWSConfigurationError) {
            guard let origin = try (credentials as? CredentialChain)?.origin() else { return }
            add("credentials", .ok, "they would come from \(origin.description)")
            sayPassedOver(origin)
        } catch {
            add("credentials", .problem, error.cause, error.fix)
        }
    }

    /// A login that nobody can use, where other credentials are taken.
    private mutating func sayPassedOver(_ origin: CredentialOrigin?) {
        for passed in origin?.passedOver ?? [] { add("credentials", .warning, passed.cause, passed.fix) }
    }

    /// Whether there are credentials.
    private mutating func lookAtCredentials(_ credentials: any CredentialProvider) async -> Bool {
        let area = "credentials"
        do throws(AWSConfigurationError) {
            let found = try await credentials.credentials(now: .now())
            let origin = try (credentials as? CredentialChain)?.origin()
            let isLongLived = found.sessionToken == nil && found.expiration == nil
            let kind = isLongLived ? "a long-lived key" : "temporary ones"
            let end = found.expiration.map { ", until \($0.iso8601)" } ?? ""
            let account = found.accountID.map { ", of the account \($0)" } ?? ""
            add(area, .ok, "they come from \(origin?.description ?? "the program"): \(kind)\(end)\(account)")
            sayPassedOver(origin)
            if origin?.isStatic == true, let expiration = found.expiration {
                add(
                    area, .warning, "they end at \(expiration.iso8601), and nothing renews them",
                    "give the service a source that renews: a role, SSO or credential_process")
            }
            return true
        } catch {
            add(area, .problem, error.cause, error.fix)
            return false
        }
    }

    // MARK: DynamoDB

    private mutating func ask(_ configuration: TidemarkConfiguration) async {
        let hasCredentials = await lookAtCredentials(configuration.credentials)
        // What keeps it from being made is among the settings' problems.
        guard let transport = try? CurlTransport(configuration: configuration.transport) else { return }
        let proxy = configuration.transport.proxy(for: configuration.endpoint.url)
        let probe = await EndpointProbe.examine(configuration.endpoint, over: transport, proxy: proxy)
        for check in probe.checks { add("DynamoDB", check.verdict, check.what, check.fix) }
        guard probe.isReachable, hasCredentials, configuration.refusals.isEmpty else { return }
        let access = await AccessProbe.examine(configuration, table: table)
        add("DynamoDB", access.verdict, access.what, access.fix)
    }
}

extension String {
    /// With a capital at its beginning, where that is a word and no name.
    fileprivate var capitalizedSentence: String {
        guard let first = split(separator: " ").first, first.allSatisfy({ $0.isLowercase && $0.isLetter }),
            first != "chmod"
        else { return self }
        return prefix(1).uppercased() + dropFirst()
    }
}
