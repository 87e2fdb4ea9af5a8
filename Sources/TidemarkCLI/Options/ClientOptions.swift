import AWSCore
import ArgumentParser
import CloudWatch
import ContractEngine
import CurlTransport
import Logging
import Tidemark

extension AWSOptions {
    /// The environment's variables with this command's own options in front.
    func variables(
        for service: AWSService, over environment: [String: String] = ProcessEnvironment.current()
    ) -> [String: String] {
        var variables = environment
        if let endpoint { variables["AWS_ENDPOINT_URL_\(service.variableSuffix)"] = endpoint }
        if let region { variables["AWS_REGION"] = region }
        return variables
    }

    /// The runtime's configuration for this command line.
    func runtime(scope: ScopeOptions, document: ContractDocument, telemetryDirectory: String?) throws
        -> TidemarkConfiguration
    {
        var variables = variables(for: .dynamoDB)
        variables["TIDEMARK_SERVICE"] = scope.serviceName
        variables["TIDEMARK_ENVIRONMENT"] = scope.environmentName
        if let telemetryDirectory { variables["TIDEMARK_DIR"] = telemetryDirectory }
        var configuration = try TidemarkConfiguration.fromEnvironment(variables)
        // Whoever names a local endpoint and no environment means a local one.
        let isNamed = scope.environment != nil || variables["TIDEMARK_CONFIG"]?.isEmpty == false
        if !isNamed, scope.environmentName == "default", !configuration.refusals.isEmpty {
            configuration.environment = "development"
        }
        configuration.contract = document.contract
        configuration.patterns = document.patterns
        configuration.logger = StandardErrorLog.logger(label: "replay", level: .critical)
        return configuration
    }

    /// A client of the region's CloudWatch.
    ///
    /// - Parameter allowsProcess: whether a profile's `credential_process` may be started, as for what a person runs.
    func cloudWatch(
        _ environment: [String: String] = ProcessEnvironment.current(), allowsProcess: Bool = true
    ) throws -> CloudWatchClient {
        let variables = variables(for: .cloudWatch, over: environment)
        let endpoint = try AWSEndpoint.resolve(service: .cloudWatch, environment: variables)
        let caller = AWSCaller(
            transport: try CurlTransport(),
            signer: SigV4Signer(service: AWSService.cloudWatch.signingName, region: endpoint.region),
            credentials: CredentialChain.default(environment: variables, allowsProcess: allowsProcess),
            endpoint: endpoint)
        return CloudWatchClient(caller: caller)
    }
}

/// Log lines on standard error, so that standard output stays what the command was asked for.
enum StandardErrorLog {
    static func logger(label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { UnwaitingLogHandler(label: $0) }
        logger.logLevel = level
        return logger
    }
}
