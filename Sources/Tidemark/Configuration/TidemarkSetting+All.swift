internal import AWSCore
internal import CurlTransport

extension TidemarkSetting {
    /// Every setting, in the order in which they are documented.
    public static let all: [TidemarkSetting] = names + aws + limits + connections + recording

    private static let names = [
        TidemarkSetting(
            name: "service", kind: .text, standard: "the program's name",
            about: "The service's name in every metric: 1 to 256 printable ASCII characters.",
            variables: ["TIDEMARK_SERVICE"]),
        TidemarkSetting(
            name: "environment", kind: .text, standard: "default",
            about:
                "The environment's name in every metric. One that says `prod`, `prd` or `live` refuses what belongs to a "
                + "test; local endpoints need one that begins with `development`, `dev` or `test`.",
            variables: ["TIDEMARK_ENVIRONMENT"]),
    ]

    private static let aws = [
        TidemarkSetting(
            name: "region", kind: .text, standard: "none: it has to be said",
            about: "The region that DynamoDB is called in and requests are signed for.",
            variables: ["AWS_REGION", "AWS_DEFAULT_REGION"], profileKey: "region"),
        TidemarkSetting(
            name: "endpoint", kind: .text, standard: "AWS's own for the region",
            about:
                "DynamoDB's URL, where it is not AWS's own: a VPC endpoint, a local server. A profile's `services` section comes "
                + "before its `endpoint_url`.",
            variables: ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"], profileKey: "endpoint_url"),
        TidemarkSetting(
            name: "profile", kind: .text, standard: "default",
            about:
                "The profile of `~/.aws/config` and `~/.aws/credentials`. Given in code it hides the environment's keys.",
            variables: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]),
        TidemarkSetting(
            name: "use-fips-endpoint", kind: .flag, standard: "false",
            about: "Whether AWS's own endpoint is the one that is validated by FIPS 140.",
            variables: ["AWS_USE_FIPS_ENDPOINT"], profileKey: "use_fips_endpoint"),
        TidemarkSetting(
            name: "use-dualstack-endpoint", kind: .flag, standard: "false",
            about: "Whether AWS's own endpoint is the one that has IPv6 too.",
            variables: ["AWS_USE_DUALSTACK_ENDPOINT"], profileKey: "use_dualstack_endpoint"),
        TidemarkSetting(
            name: "account-id-endpoint-mode", kind: .oneWord(["preferred", "disabled", "required"]),
            standard: "preferred",
            about: "Whether the endpoint of the credentials' own account is used where the account is known, never, or "
                + "always.",
            variables: ["AWS_ACCOUNT_ID_ENDPOINT_MODE"], profileKey: "account_id_endpoint_mode"),
        TidemarkSetting(
            name: "credential-process", kind: .flag, standard: "true",
            about: "Whether `credential_process` of a profile may be started; nothing else ever starts a program.",
            variables: ["TIDEMARK_CREDENTIAL_PROCESS"]),
        TidemarkSetting(
            name: "certificate-authorities", kind: .path, standard: "the system's",
            about: "A PEM file of the authorities that TLS trusts instead. Certificates are always checked.",
            variables: ["AWS_CA_BUNDLE"]),
    ]

    private static let limits = [
        TidemarkSetting(
            name: "max-attempts", kind: .integer(1...100), standard: "4",
            about: "Attempts of a call in all, the first included.", variables: ["AWS_MAX_ATTEMPTS"],
            profileKey: "max_attempts"),
        TidemarkSetting(
            name: "retry-mode", kind: .oneWord(["standard", "adaptive", "legacy"]), standard: "standard",
            about: "`adaptive` also slows the client down while DynamoDB throttles it; `legacy` means `standard`.",
            variables: ["AWS_RETRY_MODE"], profileKey: "retry_mode"),
        TidemarkSetting(
            name: "new-retries-2026", kind: .flag, standard: "true",
            about: "Whether the SDKs' rules of 2026 hold; `false` for those before: 3 attempts, longer pauses.",
            variables: ["AWS_NEW_RETRIES_2026"]),
        TidemarkSetting(
            name: "retry-unsafe-writes", kind: .flag, standard: "false",
            about: "Whether a write whose answer was lost is sent again although that may do its work twice.",
            variables: ["TIDEMARK_RETRY_UNSAFE_WRITES"]),
        TidemarkSetting(
            name: "circuit-breaker", kind: .flag, standard: "true",
            about: "Whether reads or writes of a table, half of which or more fail, are held back for a moment.",
            variables: ["TIDEMARK_CIRCUIT_BREAKER"]),
        TidemarkSetting(
            name: "hedge-reads", kind: .flag, standard: "false",
            about: "Whether a read that takes longer than 95 of 100 gets a second attempt beside the first.",
            variables: ["TIDEMARK_HEDGE_READS"]),
        TidemarkSetting(
            name: "call-timeout-ms", kind: .integer(1...3_600_000), standard: "10000",
            about:
                "Limit of a call with its retries and pauses, in milliseconds. Below 125, attempts that it cuts short open no circuit.",
            variables: ["TIDEMARK_CALL_TIMEOUT_MS"]),
        TidemarkSetting(
            name: "attempt-timeout-ms", kind: .integer(1...3_600_000), standard: "5000",
            about: "Limit of one attempt, in milliseconds.", variables: ["TIDEMARK_ATTEMPT_TIMEOUT_MS"]),
        TidemarkSetting(
            name: "connect-timeout-ms", kind: .integer(1...3_600_000), standard: "1000",
            about: "Limit of name lookup, connection and TLS together, in milliseconds.",
            variables: ["TIDEMARK_CONNECT_TIMEOUT_MS"]),
        TidemarkSetting(
            name: "first-byte-timeout-ms", kind: .integer(1...3_600_000), standard: "3000",
            about: "Limit from the connection being ready to the answer's first byte, in milliseconds.",
            variables: ["TIDEMARK_FIRST_BYTE_TIMEOUT_MS"]),
    ]

    private static let connections = [
        TidemarkSetting(
            name: "max-connections", kind: .integer(1...10_000), standard: "64",
            about: "Connections at most, which is also the number of attempts at a time.",
            variables: ["TIDEMARK_MAX_CONNECTIONS"]),
        TidemarkSetting(
            name: "max-queued-requests", kind: .integer(0...10_000_000), standard: "1024",
            about: "Attempts that may wait for a connection; more fail at once.",
            variables: ["TIDEMARK_MAX_QUEUED_REQUESTS"]),
        TidemarkSetting(
            name: "connection-lifetime-seconds", kind: .integer(0...86_400), standard: "300",
            about: "How old a connection may become, so that a change of the name's addresses is followed.",
            variables: ["TIDEMARK_CONNECTION_LIFETIME_SECONDS"]),
        TidemarkSetting(
            name: "use-proxy", kind: .flag, standard: "true",
            about:
                "Whether `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` are followed, also on the way to STS and IAM "
                + "Identity Center; never to a container's agent or the instance.",
            variables: ["TIDEMARK_USE_PROXY"]),
    ]

    private static let recording = [
        TidemarkSetting(
            name: "telemetry-directory", kind: .path, standard: "/run/tidemark, else /dev/shm/tidemark-<uid>",
            about: "Where this process writes its telemetry file; on tmpfs. The agent's must be the same.",
            variables: ["TIDEMARK_DIR", "RUNTIME_DIRECTORY"]),
        TidemarkSetting(
            name: "record-calls", kind: .flag, standard: "true",
            about: "Whether calls are recorded in the telemetry file.", variables: ["TIDEMARK_RECORD_CALLS"]),
        TidemarkSetting(
            name: "slow-call-ms", kind: .integer(0...3_600_000), standard: "100",
            about: "Calls that take longer, in milliseconds, are noted with their correlation id, and logged.",
            variables: ["TIDEMARK_SLOW_CALL_MS"]),
        TidemarkSetting(
            name: "log-one-success-in", kind: .integer(0...1_000_000_000), standard: "100",
            about: "Of how many successful calls one is logged as information; 1 logs each, 0 none but the slow ones.",
            variables: ["TIDEMARK_LOG_ONE_SUCCESS_IN"]),
    ]
}

extension TidemarkConfiguration {
    /// Takes a value that the setting allows, where nothing else has to be resolved with it.
    mutating func take(_ text: String, for name: String) {
        let number = Int(text) ?? 0
        let isTrue = text.lowercased() == "true"
        switch name {
        case "certificate-authorities": transport.certificateAuthorityFile = text
        case "retry-unsafe-writes": retriesUnsafeWrites = isTrue
        case "circuit-breaker": circuit = isTrue ? circuit ?? CircuitPolicy() : nil
        case "hedge-reads": hedging = isTrue ? hedging ?? Hedging() : nil
        case "call-timeout-ms": callTimeout = .milliseconds(number)
        case "attempt-timeout-ms": timeouts.attempt = .milliseconds(number)
        case "connect-timeout-ms": timeouts.connect = .milliseconds(number)
        case "first-byte-timeout-ms": timeouts.firstByte = .milliseconds(number)
        case "max-connections":
            transport.maximumConnections = number
            transport.maximumIdleConnections = number
        case "max-queued-requests": transport.maximumQueuedRequests = number
        case "connection-lifetime-seconds": transport.connectionLifetime = .seconds(number)
        case "use-proxy": transport.usesProxyFromEnvironment = isTrue
        case "telemetry-directory": telemetryDirectory = text
        case "record-calls": recordsCalls = isTrue
        case "slow-call-ms": slowCallThreshold = .milliseconds(number)
        case "log-one-success-in": logging.successSampling = number
        default: break
        }
    }

    /// What holds, as a file would say it; nil where nothing is set, or the setting has gone into another one.
    func text(of name: String) -> String? {
        switch name {
        case "service": service
        case "environment": environment
        case "region": endpoint.region
        case "endpoint": endpoint.shownURL
        case "certificate-authorities": transport.certificateAuthorityFile
        case "max-attempts": "\(retry.maximumAttempts)"
        case "retry-mode": retry.mode.rawValue
        case "retry-unsafe-writes": "\(retriesUnsafeWrites)"
        case "circuit-breaker": "\(circuit != nil)"
        case "hedge-reads": "\(hedging != nil)"
        case "call-timeout-ms": "\(callTimeout.wholeMilliseconds)"
        case "attempt-timeout-ms": "\(timeouts.attempt.wholeMilliseconds)"
        case "connect-timeout-ms": "\(timeouts.connect.wholeMilliseconds)"
        case "first-byte-timeout-ms": "\(timeouts.firstByte.wholeMilliseconds)"
        case "max-connections": "\(transport.maximumConnections)"
        case "max-queued-requests": "\(transport.maximumQueuedRequests)"
        case "connection-lifetime-seconds": "\(transport.connectionLifetime.components.seconds)"
        case "use-proxy": "\(transport.usesProxyFromEnvironment)"
        case "telemetry-directory": telemetryDirectory
        case "record-calls": "\(recordsCalls)"
        case "slow-call-ms": "\(slowCallThreshold.wholeMilliseconds)"
        case "log-one-success-in": "\(logging.successSampling)"
        default: nil
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
