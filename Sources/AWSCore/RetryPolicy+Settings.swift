extension RetryPolicy {
    /// Attempts that a setting may ask for.
    public static let allowedAttempts = 1...100

    /// The policy that code, environment and profile ask for, in this order, and the SDKs' rules where they say nothing.
    ///
    /// `AWS_RETRY_MODE` and a profile's `retry_mode` are `standard` or `adaptive`; `legacy`, which only old SDKs had, means
    /// `standard`. `AWS_MAX_ATTEMPTS` and `max_attempts` are 1 to 100. `AWS_NEW_RETRIES_2026=false` asks for the rules before
    /// 2026. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    ///
    /// - Parameters:
    ///   - profile: the profile's settings, names in lower case.
    ///   - profilePlace: which profile of which file that is, for messages.
    /// - Throws: a sentence that names the setting which has no such value.
    public static func resolve(
        for service: AWSService, mode: RetryMode? = nil, maximumAttempts: Int? = nil, environment: [String: String],
        profile: [String: String] = [:], profilePlace: String = "the profile"
    ) throws(AWSConfigurationError) -> RetryPolicy {
        let found = diagnosed(
            for: service, mode: mode, maximumAttempts: maximumAttempts, environment: environment, profile: profile
        ) { "\($0) of \(profilePlace)" }
        switch found {
        case .success(let policy): return policy
        case .failure(let problems): throw problems.combined
        }
    }

    /// The same with everything that is wrong, each by itself.
    ///
    /// - Parameter place: where a setting of the profile stands, for messages.
    package static func diagnosed(
        for service: AWSService, mode: RetryMode? = nil, maximumAttempts: Int? = nil, environment: [String: String],
        profile: [String: String], place: (String) -> String
    ) -> Result<RetryPolicy, AWSConfigurationErrors> {
        var problems = AWSConfigurationErrors()
        func setting(_ variable: String, _ key: String) -> (name: String, text: String)? {
            if let text = environment[variable], !text.isEmpty { return (variable, text) }
            if let text = profile[key], !text.isEmpty { return (place(key), text) }
            return nil
        }
        let switched = environment["AWS_NEW_RETRIES_2026"].flatMap { $0.isEmpty ? nil : $0 }
        let rules: RetryRules = switched.map { $0.equalsIgnoringASCIICase("true") } ?? true ? .of2026 : .before2026
        var policy = RetryPolicy(rules, for: service)
        let namedMode = problems.noting { () throws(AWSConfigurationError) -> RetryMode in
            if let mode { return mode }
            return try resolvedMode(setting("AWS_RETRY_MODE", "retry_mode"))
        }
        let namedAttempts = problems.noting { () throws(AWSConfigurationError) -> Int in
            if let maximumAttempts { return max(1, maximumAttempts) }
            return try resolvedAttempts(
                setting("AWS_MAX_ATTEMPTS", "max_attempts"), otherwise: policy.maximumAttempts)
        }
        guard let namedMode, let namedAttempts else { return .failure(problems) }
        policy.mode = namedMode
        policy.maximumAttempts = namedAttempts
        return .success(policy)
    }

    /// The settings of the environment's profile, for ``resolve(for:mode:maximumAttempts:environment:profile:)``.
    public static func profileSettings(
        environment: [String: String], profile: String? = nil
    ) throws(AWSConfigurationError) -> [String: String] {
        try SharedProfiles(environment: environment, profile: profile).settings()
    }

    private static func resolvedMode(
        _ setting: (name: String, text: String)?
    ) throws(AWSConfigurationError) -> RetryMode {
        guard let (name, text) = setting else { return .standard }
        if text.equalsIgnoringASCIICase("legacy") { return .standard }
        guard let mode = RetryMode.allCases.first(where: { text.equalsIgnoringASCIICase($0.rawValue) }) else {
            throw AWSConfigurationError(message: "\(name) is '\(text)': set it to standard or adaptive")
        }
        return mode
    }

    private static func resolvedAttempts(
        _ setting: (name: String, text: String)?, otherwise standard: Int
    ) throws(AWSConfigurationError) -> Int {
        guard let (name, text) = setting else { return standard }
        guard let attempts = Int(text), allowedAttempts.contains(attempts) else {
            throw AWSConfigurationError(
                message: "\(name) is '\(text)': set it to a whole number from \(allowedAttempts.lowerBound) to "
                    + "\(allowedAttempts.upperBound)")
        }
        return attempts
    }
}
