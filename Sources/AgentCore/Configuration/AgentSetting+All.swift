extension AgentSetting {
    /// Every setting, in the order in which they are documented.
    public static let all: [AgentSetting] = directories + whose + publishing + keeping + itself

    private static let directories = [
        AgentSetting(
            name: "telemetry-directory", kind: .path, standard: "/run/tidemark, else /dev/shm/tidemark-<uid>",
            about: "Where services write their telemetry files; on tmpfs. The services' TIDEMARK_DIR must be the same.",
            option: "--telemetry-dir", variables: ["TIDEMARK_DIR", "RUNTIME_DIRECTORY"], isReloadable: false),
        AgentSetting(
            name: "data-directory", kind: .path, standard: "/var/lib/tidemark, else ~/.local/share/tidemark",
            about: "Where the store and the hot-key secret lie; made with mode 0700 when it is missing.",
            option: "--data", variables: ["TIDEMARK_DATA", "STATE_DIRECTORY"], isReloadable: false),
    ]

    private static let whose = [
        AgentSetting(
            name: "service", kind: .text, standard: "every service",
            about: "Only this service's files.", option: "--service", isReloadable: false),
        AgentSetting(
            name: "environment", kind: .text, standard: "every environment",
            about: "Only this environment's files.", option: "--environment", isReloadable: false),
        AgentSetting(
            name: "contract", kind: .path, standard: "none",
            about:
                "The migration contract, whose patterns and tables are published as zeros too, so that alarms return to OK.",
            option: "--contract"),
        AgentSetting(
            name: "patterns", kind: .path, standard: "none",
            about: "The access patterns with their rates (Markdown, CSV, JSON or YAML); needs `contract`.",
            option: "--patterns"),
        AgentSetting(
            name: "model", kind: .path, standard: "none",
            about: "The data model document (Markdown); needs `contract`.", option: "--model"),
        AgentSetting(
            name: "mapping", kind: .path, standard: "none",
            about: "The overlay that says what serves a pattern (YAML or JSON); needs `contract`.", option: "--mapping"),
    ]

    private static let publishing = [
        AgentSetting(
            name: "publish", kind: .flag, standard: "true",
            about: "Whether anything is published to CloudWatch; `false` collects and keeps only.",
            option: "--collect-only", isReloadable: false),
        AgentSetting(
            name: "region", kind: .text, standard: "the profile's",
            about: "The region that CloudWatch is called in.", option: "--region",
            variables: ["AWS_REGION", "AWS_DEFAULT_REGION"]),
        AgentSetting(
            name: "cloudwatch-endpoint", kind: .text, standard: "the region's own",
            about: "CloudWatch's URL.", option: "--endpoint",
            variables: ["AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ENDPOINT_URL"]),
        AgentSetting(
            name: "credential-process", kind: .flag, standard: "false",
            about: "Whether `credential_process` of the AWS profile may be started; the agent starts no other program.",
            isReloadable: false),
        AgentSetting(
            name: "period", kind: .oneNumber(PublishPeriod.allCases.map(\.rawValue)), unit: "seconds", standard: "60",
            about: "How long a window is and how often it is published; below 60 in high resolution.",
            option: "--period", isReloadable: false),
        AgentSetting(
            name: "metrics", kind: .words(MetricGrouping.allCases.map(\.rawValue)),
            standard: MetricGrouping.standard.map(\.rawValue).joined(separator: ", "),
            about: "For which groups of calls metrics are published; each group costs its series."),
        AgentSetting(
            name: "budget-dollars-a-month", kind: .number(0...1_000_000), unit: "dollars a month",
            standard: "no limit",
            about:
                "What the metrics may cost; the smallest series are folded into `other` to keep to it, and it is said which."
        ),
        AgentSetting(
            name: "price-factor", kind: .number(0.1...10), standard: "1",
            about:
                "CloudWatch's prices in this region as a multiple of us-east-1's; costs and the budget are reckoned with it."
        ),
        AgentSetting(
            name: "percentile-error-percent", kind: .number(0.8...10), unit: "percent", standard: "1.2",
            about:
                "The error that a published percentile may have; less takes more datums, at most eight a distribution."),
        AgentSetting(
            name: "resend-ambiguous", kind: .flag, standard: "true",
            about:
                "Whether a request whose answer was lost is sent again: nothing is missing then, and something may count twice."
        ),
    ]

    private static let keeping = [
        AgentSetting(
            name: "store-budget-mb", kind: .integer(1...1_000_000), unit: "MB", standard: "1024",
            about: "How large the store may grow before the oldest windows are merged into coarser ones."),
        AgentSetting(
            name: "keep-fine-hours", kind: .integer(1...360), unit: "hours", standard: "48",
            about: "For how long each period keeps a window of its own."),
        AgentSetting(
            name: "keep-5m-days", kind: .integer(1...455), unit: "days", standard: "15",
            about: "For how long there is a window for each five minutes."),
        AgentSetting(
            name: "keep-1h-days", kind: .integer(1...3_650), unit: "days", standard: "455",
            about: "For how long there is a window for each hour; later there is one a day."),
        AgentSetting(
            name: "hot-key-capacity", kind: .integer(20...10_000), unit: "keys", standard: "128",
            about: "How many keys a hot-key sketch holds; a key's error is at most the traffic divided by it.",
            isReloadable: false),
        AgentSetting(
            name: "keep-plain-keys", kind: .flag, standard: "true",
            about:
                "Whether hot keys are kept in plain text in the store (0600) for `hotkeys --show-keys`; they never leave the host."
        ),
    ]

    private static let itself = [
        AgentSetting(
            name: "status-port", kind: .integer(0...65_535), standard: "no page",
            about: "The port of 127.0.0.1 with the status page, /summary.json and /healthz; 0 takes a free one.",
            option: "--status-port", isReloadable: false),
        AgentSetting(
            name: "log-level", kind: .oneWord(AgentLogLevel.allCases.map(\.rawValue)), standard: "info",
            about: "How much the log says.", option: "--log-level"),
    ]
}

extension AgentConfiguration {
    /// Takes a checked value over. The contract's documents are read apart.
    mutating func take(_ value: AgentSetting.Value, for name: String) {
        switch name {
        case "telemetry-directory": telemetryDirectory = value.textValue
        case "data-directory": dataDirectory = value.textValue
        case "service": service = value.textValue
        case "environment": environment = value.textValue
        case "publish": publish = value.flagValue
        case "region": region = value.textValue
        case "cloudwatch-endpoint": cloudWatchEndpoint = value.textValue
        case "credential-process": allowsCredentialProcess = value.flagValue
        case "period": publishPeriod = PublishPeriod(rawValue: value.integerValue) ?? .sixtySeconds
        case "metrics": metrics = value.wordsValue.compactMap(MetricGrouping.init)
        case "budget-dollars-a-month": budgetInDollarsAMonth = value.numberValue
        case "price-factor": priceFactor = value.numberValue
        case "percentile-error-percent": percentileErrorInPercent = value.numberValue
        case "resend-ambiguous": resendAmbiguous = value.flagValue
        case "store-budget-mb": storeBudgetInBytes = value.integerValue << 20
        case "keep-fine-hours": history.fineHours = value.integerValue
        case "keep-5m-days": history.fiveMinuteDays = value.integerValue
        case "keep-1h-days": history.hourDays = value.integerValue
        case "hot-key-capacity": hotKeyCapacity = value.integerValue
        case "keep-plain-keys": keepPlainKeys = value.flagValue
        case "status-port": statusPort = UInt16(clamping: value.integerValue)
        case "log-level": logLevel = AgentLogLevel(rawValue: value.textValue) ?? .info
        default: break
        }
    }

    /// What holds, as the file would say it; nil where the setting is not set.
    func text(of name: String) -> String? {
        switch name {
        case "telemetry-directory": telemetryDirectory
        case "data-directory": dataDirectory
        case "service": service
        case "environment": environment
        case "publish": "\(publish)"
        case "region": region
        case "cloudwatch-endpoint": cloudWatchEndpoint
        case "credential-process": "\(allowsCredentialProcess)"
        case "period": "\(publishPeriod.seconds)"
        case "metrics": metrics.map(\.rawValue).joined(separator: ", ")
        case "budget-dollars-a-month": budgetInDollarsAMonth.map(\.brief)
        case "price-factor": priceFactor.brief
        case "percentile-error-percent": percentileErrorInPercent.brief
        case "resend-ambiguous": "\(resendAmbiguous)"
        case "store-budget-mb": "\(storeBudgetInBytes >> 20)"
        case "keep-fine-hours": "\(history.fineHours)"
        case "keep-5m-days": "\(history.fiveMinuteDays)"
        case "keep-1h-days": "\(history.hourDays)"
        case "hot-key-capacity": "\(hotKeyCapacity)"
        case "keep-plain-keys": "\(keepPlainKeys)"
        case "status-port": statusPort.map { "\($0)" }
        case "log-level": logLevel.rawValue
        default: nil
        }
    }
}
