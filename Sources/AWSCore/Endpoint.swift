/// A service that Tidemark calls.
public struct AWSService: Hashable, Sendable {
    /// The name in credentials' scopes, such as `monitoring`.
    public var signingName: String
    /// The first label of the host, such as `monitoring`.
    public var hostPrefix: String
    /// The ending of the service's own `AWS_ENDPOINT_URL_…`; in lower case the service's name in a profile's
    /// `services` section.
    public var variableSuffix: String

    /// Amazon DynamoDB.
    public static let dynamoDB = AWSService(
        signingName: "dynamodb", hostPrefix: "dynamodb", variableSuffix: "DYNAMODB")
    /// Amazon CloudWatch (metrics and alarms).
    public static let cloudWatch = AWSService(
        signingName: "monitoring", hostPrefix: "monitoring", variableSuffix: "CLOUDWATCH")
    /// The Security Token Service, which hands out credentials of roles.
    public static let sts = AWSService(signingName: "sts", hostPrefix: "sts", variableSuffix: "STS")
    /// IAM Identity Center's portal, which hands out credentials to people who have logged in.
    package static let sso = AWSService(signingName: "awsssoportal", hostPrefix: "portal.sso", variableSuffix: "SSO")
    /// IAM Identity Center's tokens.
    package static let ssoOIDC = AWSService(signingName: "sso-oauth", hostPrefix: "oidc", variableSuffix: "SSO_OIDC")
}

/// Where a service is reached, and the region that its requests are signed for.
public struct AWSEndpoint: Hashable, Sendable {
    /// An absolute URL that ends with a path, `/` at least; its host is in lower case.
    public var url: String
    /// The region's code, such as `eu-central-1`.
    public var region: String
    /// How the endpoint of the credentials' account is named, where the service has one of its own for each account and
    /// `url` was not given.
    public var account: AccountEndpoint?

    /// An endpoint as given; `resolve` checks what it is given.
    public init(url: String, region: String) {
        self.url = url
        self.region = region
    }

    /// What is wrong with the URL, however it was made; nil where requests can be sent to it.
    package var problem: AWSConfigurationError? {
        do throws(AWSConfigurationError) {
            _ = try AWSEndpoint.normalized(url, source: "the given endpoint")
            return nil
        } catch {
            return error
        }
    }

    /// The URL without a user's name and password, which are nobody's to see.
    package var shownURL: String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound]) + url[authority.index(after: at)...]
    }

    /// Finds endpoint and region the way AWS's own tools do.
    ///
    /// URL: `explicit`, else `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`, else the profile's (its `services`
    /// section first), else AWS's own for the region. Region: `region`, else `AWS_REGION`, else `AWS_DEFAULT_REGION`, else
    /// the profile's. `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` and `AWS_ACCOUNT_ID_ENDPOINT_MODE` come before
    /// the profile's settings of these names. The profile is `profile`, else `AWS_PROFILE`, else
    /// `AWS_DEFAULT_PROFILE`, else `default`, read from
    /// `AWS_CONFIG_FILE` or `~/.aws/config` and from `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`, which wins.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    ///
    /// Throws where no region is configured, the URL or the region has not the form of one, or the settings contradict each
    /// other or the region's partition.
    public static func resolve(
        service: AWSService, explicit: String? = nil, region: String? = nil, environment: [String: String],
        profile: String? = nil
    ) throws(AWSConfigurationError) -> AWSEndpoint {
        try resolve(
            service: service, explicit: explicit, region: region, environment: environment, profile: profile,
            places: [:])
    }

    /// The same where values of the environment have been put there by somebody.
    ///
    /// - Parameter places: where these values really stand, by the variables' names; for messages.
    package static func resolve(
        service: AWSService, explicit: String? = nil, region: String? = nil, environment: [String: String],
        profile: String? = nil, places: [String: String]
    ) throws(AWSConfigurationError) -> AWSEndpoint {
        let found = diagnosed(
            service: service, explicit: explicit, region: region, environment: environment, profile: profile,
            places: places)
        switch found {
        case .success(let endpoint): return endpoint
        case .failure(let problems): throw problems.combined
        }
    }

    /// The same with everything that is wrong, each by itself.
    package static func diagnosed(
        service: AWSService, explicit: String? = nil, region: String? = nil, environment: [String: String],
        profile: String? = nil, places: [String: String]
    ) -> Result<AWSEndpoint, AWSConfigurationErrors> {
        let profiles = SharedProfiles(environment: environment, profile: profile)
        var problems = AWSConfigurationErrors()
        _ = problems.noting { () throws(AWSConfigurationError) in
            let variable = SharedProfiles.namingVariable(in: environment) ?? "AWS_PROFILE"
            try profiles.checkName(by: profile == nil ? places[variable] ?? variable : "the program")
        }
        let code = problems.noting { () throws(AWSConfigurationError) in
            try resolveRegion(explicit: region, environment: environment, profiles: profiles, places: places)
        }
        var rules = EndpointRules(service: service, region: code ?? "")
        rules.read(environment: environment, profile: profiles, places: places, noting: &problems)
        rules.custom =
            problems.noting { () throws(AWSConfigurationError) -> (String, String)? in
                guard let configured = try configuredURL(service, explicit, environment, profiles, places) else {
                    return nil
                }
                return (try normalized(configured.url, source: configured.source, service), configured.source)
            } ?? nil
        // How settings contradict each other is known only once each of them is something.
        guard problems.all.isEmpty else { return .failure(problems) }
        guard let endpoint = problems.noting({ () throws(AWSConfigurationError) in try rules.endpoint() }) else {
            return .failure(problems)
        }
        return .success(endpoint)
    }

    /// Finds the region alone, by the same rules.
    public static func resolveRegion(
        explicit: String?, environment: [String: String], profile: String? = nil
    ) throws(AWSConfigurationError) -> String {
        try resolveRegion(
            explicit: explicit, environment: environment,
            profiles: SharedProfiles(environment: environment, profile: profile), places: [:])
    }

    /// The cause of the error for a region that nobody names.
    package static let noRegion = "no AWS region is configured"

    private static func resolveRegion(
        explicit: String?, environment: [String: String], profiles: SharedProfiles, places: [String: String]
    ) throws(AWSConfigurationError) -> String {
        let candidates: [(value: String?, source: String)] = [
            (explicit, "the given region"),
            (environment["AWS_REGION"], "AWS_REGION"),
            (environment["AWS_DEFAULT_REGION"], "AWS_DEFAULT_REGION"),
        ]
        for candidate in candidates {
            if let value = candidate.value, !value.isEmpty {
                return try checkedRegion(value, source: places[candidate.source] ?? candidate.source)
            }
        }
        if let value = try profiles.settings()["region"], !value.isEmpty {
            return try checkedRegion(value, source: profiles.place(of: "region"))
        }
        let fix = "set AWS_REGION, or `region` in \(profiles.configurationDescription)"
        guard let reason = profiles.unreadable.first else { throw AWSConfigurationError(cause: noRegion, fix: fix) }
        throw AWSConfigurationError(cause: noRegion, fix: "\(fix), since \(reason.cause): \(reason.fix)")
    }

    private static func checkedRegion(_ region: String, source: String) throws(AWSConfigurationError) -> String {
        let isLabel = region.utf8.allSatisfy { byte in
            byte.isASCIIDigit || byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        guard isLabel, region.utf8.count <= 63, !region.hasPrefix("-"), !region.hasSuffix("-") else {
            throw AWSConfigurationError(
                message: "the region \"\(region)\" of \(source) is not one: use a code such as eu-central-1")
        }
        return region
    }

    private static func configuredURL(
        _ service: AWSService, _ explicit: String?, _ environment: [String: String], _ profiles: SharedProfiles,
        _ places: [String: String]
    ) throws(AWSConfigurationError) -> (url: String, source: String)? {
        let own = "AWS_ENDPOINT_URL_\(service.variableSuffix)"
        if let explicit { return (explicit, places[own] ?? "the given endpoint") }
        if ignoresConfiguredURLs(environment) { return nil }
        for name in [own, "AWS_ENDPOINT_URL"] {
            if let url = environment[name], !url.isEmpty { return (url, places[name] ?? name) }
        }
        if let found = try servicesURL(service, profiles) { return found }
        return try profiles.settings()["endpoint_url"].map { ($0, profiles.place(of: "endpoint_url")) }
    }

    /// The URL in the `services` section that the profile names, and where it stands.
    fileprivate static func servicesURL(
        _ service: AWSService, _ profiles: SharedProfiles
    ) throws(AWSConfigurationError) -> (url: String, source: String)? {
        guard let section = try profiles.settings()["services"], !section.isEmpty else { return nil }
        let services = try profiles.services(section)
        let name = String(decoding: service.variableSuffix.utf8.map(\.asciiLowercased), as: UTF8.self) + ".endpoint_url"
        guard let url = services.settings[name] else { return nil }
        let line = services.lines[name].map { ":\($0)" } ?? ""
        return (url, "[services \(section)] of \(profiles.configurationDescription)\(line)")
    }

    /// Whether endpoints of variables and profile shall not count.
    package static func ignoresConfiguredURLs(_ environment: [String: String]) -> Bool {
        environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.equalsIgnoringASCIICase("true") == true
    }
}

extension AWSProfile {
    /// The service's URL in the `services` section that the profile names, and where it stands; nil where there is none.
    package func servicesURL(
        of service: AWSService
    ) throws(AWSConfigurationError) -> (url: String, source: String)? {
        try AWSEndpoint.servicesURL(service, files)
    }
}

extension AWSEndpoint {
    /// As much of what should be an endpoint's URL as may be shown: no user and password, no query.
    package static func shown(_ text: String) -> String {
        let query = text.firstIndex { $0 == "?" || $0 == "#" } ?? text.endIndex
        guard let at = text.lastIndex(of: "@") else {
            return (text[..<query] + (query < text.endIndex ? "\(text[query])…" : "")).withoutControls
        }
        // A password may hold anything: where it ends is sure only at an @ that nothing of a query stands before.
        guard at < query else { return "…" }
        return ("…" + text[at..<query] + (query < text.endIndex ? "\(text[query])…" : "")).withoutControls
    }

    /// Checks the URL and brings it into the one form that requests use.
    static func normalized(
        _ text: String, source: String, _ service: AWSService = .dynamoDB
    ) throws(AWSConfigurationError) -> String {
        func refusal(_ reason: String) -> AWSConfigurationError {
            AWSConfigurationError(
                message: "the endpoint URL \"\(shown(text))\" of \(source) \(reason): use a form such as "
                    + "http://127.0.0.1:8000 or https://\(service.hostPrefix).eu-central-1.amazonaws.com")
        }
        let bytes = Array(text.utf8)
        let parts = bytes.withUnsafeBufferPointer { URLParts($0) }
        let scheme = bytes[parts.scheme].map(\.asciiLowercased)
        guard scheme == Array("http".utf8) || scheme == Array("https".utf8) else {
            throw refusal("does not start with http:// or https://")
        }
        guard !bytes[parts.scheme.upperBound..<parts.path.lowerBound].contains(UInt8(ascii: "@")) else {
            // Not repeated in the message: what stands before the @ may be a password.
            throw AWSConfigurationError(
                message: "the endpoint URL of \(source) holds a user name, which AWS requests cannot carry: remove it")
        }
        guard isHost(bytes[parts.host]) else { throw refusal("has no valid host") }
        guard isPort(bytes[parts.port], afterColon: parts.port.lowerBound > parts.host.upperBound) else {
            throw refusal("has no valid port")
        }
        guard parts.query.isEmpty, parts.path.upperBound == bytes.count else {
            throw refusal("has a query or fragment")
        }
        guard bytes[parts.path].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refusal("has a character in its path that must be percent-encoded")
        }
        let host = bytes[parts.scheme.upperBound..<parts.path.lowerBound].map(\.asciiLowercased)
        let path = parts.path.isEmpty ? [UInt8(ascii: "/")] : Array(bytes[parts.path])
        return String(decoding: scheme + host + path, as: UTF8.self)
    }

    private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
        let inner = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
        let address = inner ? host.dropFirst().dropLast() : host
        return !address.isEmpty
            && address.allSatisfy { byte in
                let letter = byte.asciiLowercased
                return byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                    || (inner && (byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%")))
            }
    }

    private static func isPort(_ port: ArraySlice<UInt8>, afterColon: Bool) -> Bool {
        guard afterColon else { return true }
        guard let number = Int(String(decoding: port, as: UTF8.self)) else { return false }
        return port.allSatisfy(\.isASCIIDigit) && (1...65_535).contains(number)
    }
}
